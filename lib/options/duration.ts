import ms from 'ms';
import { escapeForLog } from '../engine/text/escape-for-log.js';
import { kindOf } from '../engine/text/kind-of.js';
import { DurationError } from '../errors/duration.error.js';

const TEXT_LIMIT = 100;
const SHOWN = 40;

/**
 * Reads a duration.
 *
 * @param value milliseconds, or text with a unit: `500ms`, `30s`, `5m`, `2h`, `7d`, `1w`.
 * @param field what the duration is for, for the error.
 * @returns whole milliseconds, at least 0.
 * @throws DurationError when the value is negative, not finite or not a duration.
 */
export function parseDuration(value: number | string, field: string): number {
  const milliseconds = typeof value === 'string' ? Math.round(parseText(value, field)) : roundNumber(value);
  if (Number.isSafeInteger(milliseconds) && milliseconds >= 0) {
    return milliseconds + 0; // -0 becomes 0
  }
  throw new DurationError(field, kindOf(value), `${shown(value)} is not a duration that can be waited for`);
}

function parseText(text: string, field: string): number {
  const milliseconds: unknown = text.length > 0 && text.length <= TEXT_LIMIT ? ms(text as ms.StringValue) : undefined;
  if (typeof milliseconds !== 'number') {
    throw new DurationError(field, 'string', `${shown(text)} is not a duration`);
  }
  return milliseconds;
}

/** Callers without types may hand in anything, and `Math.round` would take `null` for 0 and run a `valueOf`. */
function roundNumber(value: unknown): number {
  return typeof value === 'number' ? Math.round(value) : Number.NaN;
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    return `the text '${escapeForLog(value.slice(0, SHOWN))}'`;
  }
  return typeof value === 'number' ? `the number ${value}` : kindOf(value);
}
