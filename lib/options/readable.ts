import { types } from 'node:util';

/** An object and no list; a proxy may refuse to say so. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Names of an object's own fields; `undefined` when it refuses to tell. */
export function fieldNames(record: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  try {
    return Object.keys(record);
  } catch {
    return undefined;
  }
}

/** Whether a field can be looked at: its getter, or the proxy it lies in, may throw. */
export function canBeRead(record: Readonly<Record<string, unknown>>, field: string): boolean {
  try {
    Reflect.get(record, field);
    return true;
  } catch {
    return false;
  }
}

/** `Array.isArray` that never throws. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A copy of a list; `undefined` when the value is none, has more items than the limit, or refuses to be read. */
export function listOf(value: unknown, limit: number): readonly unknown[] | undefined {
  try {
    return Array.isArray(value) && value.length <= limit ? Array.from<unknown>(value) : undefined;
  } catch {
    return undefined;
  }
}

/** `instanceof` that never throws: a proxy may refuse to tell its prototype. */
export function isInstance<Kind extends object>(
  kind: abstract new (...args: never[]) => Kind,
  value: unknown,
): value is Kind {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}

const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/** A valid Date of the years 1 to 9999 as ISO text, whatever its own methods say; `undefined` for anything else. */
export function isoTimeOf(value: unknown): string | undefined {
  if (!types.isDate(value)) return undefined;
  const time = Date.prototype.getTime.call(value);
  return time >= EARLIEST && time <= LATEST ? new Date(time).toISOString() : undefined;
}
