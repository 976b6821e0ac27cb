import { escapeForLog } from '../engine/text/escape-for-log.js';
import { kindOf } from '../engine/text/kind-of.js';

const SHOWN_LENGTH = 60;

/** A value in an error message: itself when it is short and plain, otherwise its kind. Never runs code of the value. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    const shown = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value;
    return value === '' ? 'an empty string' : `the string "${escapeForLog(shown)}"`;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return Object.is(value, -0) ? '-0' : String(value);
  return value === undefined || value === null ? String(value) : `of kind ${kindOf(value)}`;
}
