import { storableText, UNPRINTABLE } from './storable-text.js';
import { kindOf } from './kind-of.js';

/** An error as it is kept on a row or written to a log: bounded, storable text only. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  /** `code` of the error, such as an SQLSTATE or `ECONNREFUSED`. */
  readonly code?: string;
  readonly cause?: ErrorDescription;
}

/** Removes what must not be stored or logged from an error's texts. */
export type RedactText = (text: string) => string;

const NAME_LIMIT = 200;
const MESSAGE_LIMIT = 2_000;
const STACK_LIMIT = 8_000;
const CHAIN_LIMIT = 5;
const JOINED_ERRORS = 5;
/** The redact hook sees texts up to here, so that the shorter cut for storing cannot halve a secret it would have recognised. */
const REDACT_LIMIT = 65_536;

/**
 * Describes anything that was thrown: an error with its chain of causes (at most 5), or any other value. Never throws, whatever
 * getters, proxies or the redact hook do.
 *
 * @param redact applied to every text; when it fails, the text is dropped rather than shown unredacted.
 */
export function describeError(error: unknown, redact: RedactText = unchanged): ErrorDescription {
  return describe(error, redact, 1);
}

function describe(error: unknown, redact: RedactText, position: number): ErrorDescription {
  const text = (value: unknown, limit: number): string =>
    storableText(redacted(storableText(value, REDACT_LIMIT), redact), limit);
  if (!isErrorLike(error)) {
    return { name: text(kindOf(error), NAME_LIMIT), message: text(error, MESSAGE_LIMIT), stack: null };
  }
  const name = read(error, 'name');
  const stack = read(error, 'stack');
  const code = read(error, 'code');
  const cause = position < CHAIN_LIMIT ? read(error, 'cause') : undefined;
  return {
    name: text(typeof name === 'string' && name !== '' ? name : kindOf(error), NAME_LIMIT),
    message: text(messageOf(error), MESSAGE_LIMIT),
    stack: typeof stack === 'string' ? text(stack, STACK_LIMIT) : null,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: text(String(code), NAME_LIMIT) } : {}),
    ...(cause === undefined || cause === null ? {} : { cause: describe(cause, redact, position + 1) }),
  };
}

/** An aggregate error (a refused connection to a host with two addresses, say) often has no message of its own. */
function messageOf(error: object): unknown {
  const message = read(error, 'message');
  if (message !== '' && message !== undefined) {
    return message;
  }
  try {
    const errors = read(error, 'errors');
    const joined: readonly unknown[] = Array.isArray(errors) ? errors.slice(0, JOINED_ERRORS) : [];
    return joined.map((part) => storableText(part, MESSAGE_LIMIT)).join('; ');
  } catch {
    return '';
  }
}

function isErrorLike(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  try {
    return value instanceof Error || typeof read(value, 'stack') === 'string';
  } catch {
    return false;
  }
}

function read(error: object, property: string): unknown {
  try {
    return Reflect.get(error, property);
  } catch {
    return undefined;
  }
}

function redacted(text: string, redact: RedactText): string {
  try {
    const result: unknown = redact(text);
    return typeof result === 'string' ? result : UNPRINTABLE;
  } catch {
    return UNPRINTABLE;
  }
}

function unchanged(text: string): string {
  return text;
}
