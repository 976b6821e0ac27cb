import { PayloadError } from '../../errors/payload.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { encodePayload } from './encode-payload.js';
import { isJsonObject } from './json.js';
import { appendToPath } from './payload-path.js';

const ROOT = 'headers';
const COUNT_LIMIT = 64;
const LIMIT_BYTES = 8 * 1024;
const NAME = /^[\x21-\x7e]{1,128}$/;

/**
 * Writes headers as JSON text.
 *
 * @param headers at most 64 texts by name; names are 1 to 128 printable ASCII characters without a space.
 * @param limitBytes longest JSON text in UTF-8 bytes, 8 KiB by default.
 * @param limitOption name of the option that sets the limit, for the error; without one the limit is fixed.
 * @returns the text, or `null` when there are no headers.
 * @throws PayloadError naming the header and what to send instead.
 */
export function encodeHeaders(headers: unknown, limitBytes = LIMIT_BYTES, limitOption?: string): string | null {
  if (headers === undefined || headers === null) {
    return null;
  }
  if (!isJsonObject(headers)) {
    throw new PayloadError(
      ROOT,
      kindOf(headers),
      `${kindOf(headers)} is not a set of headers; send an object of texts by name`,
    );
  }
  const text = encodePayload(headers, { root: ROOT, limitBytes, limitOption });
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  if (entries.length > COUNT_LIMIT) {
    throw new PayloadError(
      ROOT,
      'size',
      `has ${entries.length} entries, more than ${COUNT_LIMIT}; put what belongs together in the payload`,
    );
  }
  for (const [name, value] of entries) {
    if (!NAME.test(name)) {
      throw new PayloadError(
        appendToPath(ROOT, name),
        'key',
        'a header name has 1 to 128 printable ASCII characters and no space; rename it',
      );
    }
    if (typeof value !== 'string') {
      throw new PayloadError(
        appendToPath(ROOT, name),
        kindOf(value),
        `${kindOf(value)} is not a header value; send a string`,
      );
    }
  }
  return entries.length === 0 ? null : text;
}
