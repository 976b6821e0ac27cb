/** What to send instead of a value of a kind that JSON does not carry. */
const REMEDIES: Readonly<Record<string, string>> = {
  Date: 'send an ISO string',
  bigint: 'send a string',
  Map: 'send an object or an array of entries',
  Set: 'send an array',
  WeakMap: 'send an object with what the receiver needs',
  WeakSet: 'send an array with what the receiver needs',
  RegExp: 'send its source as a string',
  Promise: 'await it and send the result',
  Buffer: 'send a base64 string',
  ArrayBuffer: 'send a base64 string',
  'typed array': 'send an array of numbers or a base64 string',
  'boxed primitive': 'send the primitive value',
  function: 'send data; code stays with the receiver',
  symbol: 'send a string',
  NaN: 'send null or a string',
  Infinity: 'send null or a string',
  '-Infinity': 'send null or a string',
  undefined: 'send null',
  'raw JSON': 'send a number or a string',
  Proxy: 'send a plain copy of what it stands for',
  Error: 'send its name and message as strings',
};

export function notJson(kind: string): string {
  const remedy = REMEDIES[kind] ?? 'send its fields as a plain object, or its id';
  return `${kind === 'bigint' ? 'BigInt' : kind} is not JSON; ${remedy}`;
}

export const NEGATIVE_ZERO = '-0 would arrive as 0; send 0';
export const HOLE = 'a hole in an array would arrive as null; send null or leave the element out';
export const UNDEFINED_ELEMENT = 'undefined in an array would arrive as null; send null or leave the element out';
export const ACCESSOR = 'a getter is not run for a payload; send a plain value';
export const SYMBOL_KEY = 'a symbol as key is not JSON; use a string';
export const NAMED_ON_ARRAY = 'a named property of an array would be lost; send an object';
export const UNSTORABLE_TEXT =
  'a text with \\u0000 or a lone surrogate cannot be stored; remove it, or send the bytes as a base64 string';
export const UNSTORABLE_KEY = 'a key with \\u0000 or a lone surrogate cannot be stored; rename it';

export function convertsItself(kind: string): string {
  return `${kind} has toJSON and would arrive as something else; send what its toJSON returns`;
}

export function dangerousKey(key: string): string {
  return `the key ${key} is refused, because it can change the object that a receiver builds; rename it`;
}

export function classInstance(kind: string): string {
  return `an instance of ${kind} would arrive as a plain object; send its fields as a plain object, or its id`;
}

export function subclassedArray(kind: string): string {
  return `${kind} would arrive as a plain array; send Array.from(it)`;
}

export function cycle(target: string): string {
  return `a cycle (it is ${target} again) is not JSON; send an id instead`;
}

export function tooDeep(limit: number): string {
  return `is nested deeper than ${limit} levels; send a flatter payload, or an id`;
}

/** @param option name of the option that raises the limit; without one the limit is fixed. */
export function tooLarge(actual: string, limit: number, option?: string): string {
  const size = `has ${actual} bytes of JSON, more than the ${limit}`;
  return option === undefined
    ? `${size} allowed; send an id instead`
    : `${size} of ${option}; send an id instead, or raise ${option}`;
}
