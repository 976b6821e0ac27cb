import { createHash } from 'node:crypto';
import type { OptionChecks } from '../../options/option-checks.js';
import { areKeysOf, type Walk } from './walk.js';

/** What a cursor tells of a walk. */
type CursorWalk = Pick<Walk, 'name' | 'keys'>;

/** Where a page ended. */
export interface Cursor<Way extends CursorWalk = Walk> {
  readonly walk: Way;
  /** Keys of the last row; `null` before the first. */
  readonly keys: readonly string[] | null;
}

/** What a filter comes to in a cursor, so that one of another list is noticed. */
export function filterDigest(filter: unknown): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 8);
}

/** Writes a cursor as the text a page gives as `next`. */
export function cursorText({ walk, keys }: Cursor<CursorWalk>, digest: string): string {
  return Buffer.from(JSON.stringify([digest, walk.name, ...(keys ?? [])])).toString('base64url');
}

/**
 * Reads `next` of a page.
 *
 * @throws InvalidOptionError when it is none, or that of a list with another filter.
 */
export function parseCursor<Way extends CursorWalk>(
  text: unknown,
  walks: readonly Way[],
  digest: string,
  checks: OptionChecks,
): Cursor<Way> {
  const [givenDigest, name, ...keys] = typeof text === 'string' ? partsOf(text) : [];
  const walk = walks.find((known) => known.name === name);
  if (givenDigest !== digest || walk === undefined || !(keys.length === 0 || areKeysOf(walk, keys))) {
    throw checks.invalid('after', 'what a page of the same list, with the same filter, gave as next', text);
  }
  return { walk, keys: keys.length === 0 ? null : keys };
}

function partsOf(text: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
