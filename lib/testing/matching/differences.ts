import { types } from 'node:util';
import { show } from './show.js';

interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
  toAsymmetricMatcher?(): string;
  toString(): string;
}

/**
 * How a value differs from what is expected of it, a line for each difference; none when it matches.
 *
 * Objects match by the fields that are expected of them, whatever others they have; lists by every item; dates by their time. What has
 * `asymmetricMatch`, as `expect.any(String)` does, decides for itself.
 */
export function differences(expected: unknown, actual: unknown, path = ''): readonly string[] {
  if (isAsymmetric(expected)) {
    return expected.asymmetricMatch(actual) ? [] : [line(path, nameOf(expected), show(actual))];
  }
  if (types.isDate(expected)) {
    return types.isDate(actual) && actual.getTime() === expected.getTime() ? [] : unequal(path, expected, actual);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return unequal(path, expected, actual);
    if (actual.length !== expected.length) {
      return [line(path, `${expected.length} items`, `${actual.length}: ${show(actual)}`)];
    }
    return expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return unequal(path, expected, actual);
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, Reflect.get(actual, key), path === '' ? key : `${path}.${key}`),
    );
  }
  return Object.is(expected, actual) ? [] : unequal(path, expected, actual);
}

function unequal(path: string, expected: unknown, actual: unknown): readonly string[] {
  return [line(path, show(expected), show(actual))];
}

function line(path: string, expected: string, actual: string): string {
  return `${path === '' ? 'it' : path}: expected ${expected}, is ${actual}`;
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === 'object' &&
    value !== null &&
    'asymmetricMatch' in value &&
    typeof value.asymmetricMatch === 'function'
  );
}

function nameOf(matcher: AsymmetricMatcher): string {
  return matcher.toAsymmetricMatcher?.() ?? matcher.toString();
}
