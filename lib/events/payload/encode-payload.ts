import { PayloadError } from '../../errors/payload.error.js';
import { tooLarge } from './payload-problems.js';
import { PayloadWalk } from './payload-walk.js';

/** How a payload is encoded. */
export interface EncodePayloadOptions {
  /** Name of the value in paths; `payload` by default. */
  readonly root?: string;
  /** Longest JSON text in UTF-8 bytes. */
  readonly limitBytes: number;
  /** Name of the option that sets the limit, for the error; without one the limit is fixed. */
  readonly limitOption?: string;
  /** Prototype the root may have beside a plain one: the event's class. Its fields are sent, its prototype is not. */
  readonly prototype?: object;
}

// The walk knows a lower bound of the text's size only; within this factor of the limit the error can afford to name the exact one.
const ABANDON_FACTOR = 64;
const BYTES_PER_CODE_UNIT = 3;

/**
 * Writes a value as JSON text, if and only if parsing the text gives an equal value. Undefined properties are dropped, non-enumerable ones
 * ignored.
 *
 * @throws PayloadError naming the path of the first value that would not survive, and what to send instead.
 */
export function encodePayload(value: unknown, options: EncodePayloadOptions): string {
  const { root = 'payload', limitBytes, limitOption } = options;
  const refuseSize = (actual: string): never => {
    throw new PayloadError(root, 'size', tooLarge(actual, limitBytes, limitOption));
  };
  const walk = new PayloadWalk(root, options.prototype, limitBytes * ABANDON_FACTOR, (bytes) =>
    refuseSize(`more than ${bytes}`),
  );
  walk.visit(value);
  const text = JSON.stringify(value);
  if (text.length * BYTES_PER_CODE_UNIT > limitBytes) {
    const bytes = Buffer.byteLength(text, 'utf8');
    if (bytes > limitBytes) {
      refuseSize(String(bytes));
    }
  }
  return text;
}
