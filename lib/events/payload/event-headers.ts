import { SENDER_HEADER, withSender } from '../../engine/deliveries/sender-header.js';
import { PayloadError } from '../../errors/payload.error.js';
import type { EventOptions } from '../emit-options.interface.js';
import { checkSender } from './check-labels.js';
import { encodeHeaders } from './encode-headers.js';

/**
 * The headers an event travels with: those that were given, and its sender.
 *
 * @returns `undefined` when there are none.
 * @throws PayloadError naming the header, or the sender, and what to send instead.
 */
export function headersOf({
  headers,
  sender: given,
}: Pick<EventOptions, 'headers' | 'sender'>): Readonly<Record<string, string>> | undefined {
  const encoded = encodeHeaders(headers);
  const sender = checkSender(given);
  if (encoded !== null && Object.hasOwn({ ...headers }, SENDER_HEADER)) {
    throw new PayloadError(`headers.${SENDER_HEADER}`, 'key', 'is kept for the sender; use the option "sender"');
  }
  const checked = encoded === null ? undefined : headers;
  return sender === null ? checked : withSender(checked, sender);
}
