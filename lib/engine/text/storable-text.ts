import { inspect } from 'node:util';
import { makeStorable } from './well-formed.js';

/** Stands for a value that cannot be turned into text. */
export const UNPRINTABLE = '[unprintable value]';

/**
 * Turns any value, however hostile, into text that PostgreSQL can store. Never throws.
 *
 * @param text a text, or whatever was thrown: of an error the message is taken, other objects are inspected.
 * @param limit longest result, in UTF-16 code units; the cut never splits a surrogate pair.
 */
export function storableText(text: unknown, limit: number): string {
  return makeStorable(cut(textOf(text), limit));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  try {
    if (typeof value !== 'object' || value === null) {
      return String(value);
    }
    const message = value instanceof Error ? value.message : undefined;
    return typeof message === 'string'
      ? message
      : inspect(value, { customInspect: false, depth: 2, maxStringLength: 1000 });
  } catch {
    return UNPRINTABLE;
  }
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const end = limit > 0 ? Math.floor(limit) : 0;
  const splitsPair = isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end));
  return text.slice(0, splitsPair ? end - 1 : end);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
