import { PayloadError } from '../../errors/payload.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { isStorable } from '../../engine/text/well-formed.js';
import { appendToPath } from './payload-path.js';

const LABEL_LIMIT = 255;
const TAG_LIMIT = 100;
const TAG_COUNT_LIMIT = 32;

/**
 * Checks the ordering key of an event.
 *
 * @param key 1 to 255 characters, or nothing.
 * @throws PayloadError
 */
export function checkKey(key: unknown): string | null {
  return checkOptionalLabel('key', key);
}

/**
 * Checks the tenant an event belongs to.
 *
 * @param tenant 1 to 255 characters, or nothing.
 * @throws PayloadError
 */
export function checkTenant(tenant: unknown): string | null {
  return checkOptionalLabel('tenant', tenant);
}

/**
 * Checks the correlation id of an event.
 *
 * @param correlationId 1 to 255 characters, or nothing.
 * @throws PayloadError
 */
export function checkCorrelationId(correlationId: unknown): string | null {
  return checkOptionalLabel('correlationId', correlationId);
}

/**
 * Checks who sends an event.
 *
 * @param sender 1 to 255 characters, or nothing.
 * @throws PayloadError
 */
export function checkSender(sender: unknown): string | null {
  return checkOptionalLabel('sender', sender);
}

/** Whether a value could be the sender of an event. */
export function isSender(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LABEL_LIMIT && isStorable(value);
}

/**
 * Checks the tags of an event.
 *
 * @param tags at most 32 of 1 to 100 characters each, or nothing.
 * @param field what the tags are called in an error.
 * @returns a copy of its own, or `null` when there are none.
 * @throws PayloadError
 */
export function checkTags(tags: unknown, field = 'tags'): string[] | null {
  if (tags === undefined || tags === null) {
    return null;
  }
  const kind = kindOf(tags);
  if (kind !== 'array' || !Array.isArray(tags)) {
    throw new PayloadError(field, kind, `${kind} is not a list of tags; send an array of strings`);
  }
  if (tags.length > TAG_COUNT_LIMIT) {
    throw new PayloadError(
      field,
      'size',
      `has ${tags.length} tags, more than ${TAG_COUNT_LIMIT}; put what belongs together in the payload`,
    );
  }
  const checked = Array.from<unknown, string>(tags, (tag: unknown, index) =>
    checkLabel(appendToPath(field, index), tag, TAG_LIMIT),
  );
  return checked.length === 0 ? null : checked;
}

function checkOptionalLabel(field: string, value: unknown): string | null {
  return value === undefined || value === null ? null : checkLabel(field, value, LABEL_LIMIT);
}

function checkLabel(path: string, value: unknown, limit: number): string {
  if (typeof value !== 'string') {
    throw new PayloadError(
      path,
      kindOf(value),
      `${kindOf(value)} is not a text; send a string of 1 to ${limit} characters`,
    );
  }
  if (value === '') {
    throw new PayloadError(
      path,
      'empty string',
      `an empty string says nothing; leave it out, or send 1 to ${limit} characters`,
    );
  }
  if (value.length > limit) {
    throw new PayloadError(
      path,
      'size',
      `has ${value.length} characters, more than ${limit}; send a shorter one, such as a hash`,
    );
  }
  if (!isStorable(value)) {
    throw new PayloadError(path, 'string', 'a text with \\u0000 or a lone surrogate cannot be stored; remove it');
  }
  return value;
}
