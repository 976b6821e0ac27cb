import { createHash } from 'node:crypto';
import { PayloadError } from '../../errors/payload.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { appendToPath } from './payload-path.js';

const FIELD = 'dedupeKey';

/** Within what a deduplication key is unique. */
export interface DeduplicationScope {
  readonly event: string;
  readonly tenant: string | null;
}

/**
 * The SHA-256 that stands for a deduplication key. It is taken over a JSON array, so neither parts nor scope can run into one another:
 * `['a', 'b']`, `['ab']` and `'ab'` are three keys.
 *
 * @throws PayloadError when the key is empty or not of strings.
 */
export function deduplicationHash(key: string | readonly string[], scope: DeduplicationScope): Buffer {
  checkDeduplicationKey(key);
  return createHash('sha256')
    .update(JSON.stringify([scope.event, scope.tenant, key]))
    .digest();
}

function checkDeduplicationKey(key: unknown): void {
  if (kindOf(key) !== 'array' || !Array.isArray(key)) {
    checkPart(FIELD, key);
    return;
  }
  if (key.length === 0) {
    throw new PayloadError(FIELD, 'empty array', 'an empty array names nothing; send at least one string');
  }
  for (let index = 0; index < key.length; index++) {
    checkPart(appendToPath(FIELD, index), key[index]);
  }
}

function checkPart(path: string, part: unknown): void {
  if (typeof part !== 'string') {
    throw new PayloadError(path, kindOf(part), `${kindOf(part)} is not part of a deduplication key; send a string`);
  }
  if (part === '') {
    throw new PayloadError(
      path,
      'empty string',
      'an empty string would make unrelated events one; send what names this one',
    );
  }
}
