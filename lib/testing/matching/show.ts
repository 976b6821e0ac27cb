import { inspect } from 'node:util';

/** A value in one line, as a failed assertion shows it. */
export function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, maxStringLength: 200, maxArrayLength: 20 });
}
