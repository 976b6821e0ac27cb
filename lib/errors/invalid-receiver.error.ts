import { JobsError } from './jobs.error.js';

/**
 * A decorated method that cannot be a receiver as it stands. Found at boot.
 *
 * @publicApi
 */
export class InvalidReceiverError extends JobsError {
  /** @param place the receiver's `Class.method`. */
  constructor(
    readonly place: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${place}: ${problem}`, options);
  }
}
