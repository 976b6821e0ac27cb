import { JobsError } from './jobs.error.js';

/**
 * A payload, header, key or tag that would not survive the trip through the database. Nothing was written.
 *
 * @publicApi
 */
export class PayloadError extends JobsError {
  /**
   * @param path where the value stands, such as `payload.items[3].when`.
   * @param kind kind of the value, such as `Date`.
   * @param problem what is wrong with it and what to send instead.
   */
  constructor(
    readonly path: string,
    readonly kind: string,
    problem: string,
  ) {
    super(`${path}: ${problem}`);
  }
}
