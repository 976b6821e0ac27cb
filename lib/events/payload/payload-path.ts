import { escapeForLog } from '../../engine/text/escape-for-log.js';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const KEY_LIMIT = 60;

/** Appends one step to a path: `payload` and `items` give `payload.items`, an index gives `[3]`, an odd key gives `["a b"]`. */
export function appendToPath(path: string, key: PropertyKey): string {
  if (typeof key === 'number') {
    return `${path}[${key}]`;
  }
  if (typeof key === 'symbol') {
    return `${path}[${escapeForLog(key.toString())}]`;
  }
  const shown = key.length > KEY_LIMIT ? `${key.slice(0, KEY_LIMIT)}…` : key;
  return IDENTIFIER.test(shown) ? `${path}.${shown}` : `${path}[${escapeForLog(JSON.stringify(shown))}]`;
}
