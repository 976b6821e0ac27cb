import { parseDuration } from '../options/duration.js';
import { JobsError } from './jobs.error.js';

/**
 * Thrown by a receiver to be run again at a time of its own choosing; it counts no attempt.
 *
 * @publicApi
 */
export class RetryDelivery extends JobsError {
  /** Milliseconds until the next run. */
  readonly delay: number;

  /**
   * @param delay time until the next run: milliseconds, or a duration such as `'10m'`.
   * @param reason why, for the log.
   */
  constructor(delay: number | string, reason = 'The receiver asked to be run again later.') {
    super(reason);
    this.delay = parseDuration(delay, 'delay');
  }
}
