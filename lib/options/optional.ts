/** Checks what was given; what was left out stays so. */
export function optional<Value, Result>(value: Value | undefined, check: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : check(value);
}
