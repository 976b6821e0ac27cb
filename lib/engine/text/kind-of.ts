import { types } from 'node:util';
import { escapeForLog } from './escape-for-log.js';

const NAME_LIMIT = 60;

/** What a builtin is called, tested by its internals: neither a prototype nor a `Symbol.toStringTag` can lie about these. */
const BUILT_INS: readonly (readonly [string, (value: object) => boolean])[] = [
  ['Date', types.isDate],
  ['Map', types.isMap],
  ['Set', types.isSet],
  ['WeakMap', types.isWeakMap],
  ['WeakSet', types.isWeakSet],
  ['RegExp', types.isRegExp],
  ['Promise', types.isPromise],
  ['boxed primitive', types.isBoxedPrimitive],
];

/**
 * Names the kind of any value for an error text, such as `Date`, `bigint`, `null`, `NaN`, `array` or a class name. Runs no code of the
 * value and never throws.
 */
export function kindOf(value: unknown): string {
  if (typeof value === 'number') {
    return kindOfNumber(value);
  }
  if (typeof value !== 'object' || value === null) {
    return value === null ? 'null' : typeof value;
  }
  if (types.isProxy(value)) {
    return 'Proxy';
  }
  return builtInKind(value) ?? classNameOf(value) ?? 'object';
}

/** The name of a built-in that JSON does not carry, `undefined` for any other object. */
export function builtInKind(value: object): string | undefined {
  if (Array.isArray(value)) {
    return 'array';
  }
  return BUILT_INS.find(([, test]) => test(value))?.[0];
}

/** The name of a class for texts: bounded, and without characters that could forge a line. */
export function printableName(name: string): string {
  return escapeForLog(name.length > NAME_LIMIT ? `${name.slice(0, NAME_LIMIT)}…` : name);
}

function kindOfNumber(value: number): string {
  if (Object.is(value, -0)) {
    return '-0';
  }
  return Number.isFinite(value) ? 'number' : String(value);
}

function classNameOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null || types.isProxy(prototype)) {
    return undefined;
  }
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || types.isProxy(constructor) || prototype === Object.prototype) {
    return undefined;
  }
  const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? printableName(name) : undefined;
}
