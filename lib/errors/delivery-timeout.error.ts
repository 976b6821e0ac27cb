import { JobsError } from './jobs.error.js';

/**
 * A receiver ran longer than its timeout allows.
 *
 * @publicApi
 */
export class DeliveryTimeoutError extends JobsError {
  /** @param timeout the limit that was exceeded, in milliseconds. */
  constructor(receiverId: string, timeout: number) {
    super(`Receiver "${receiverId}" did not finish within its timeout of ${timeout} ms.`);
  }
}
