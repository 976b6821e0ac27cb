import { JobsError } from './jobs.error.js';

/**
 * A duration that cannot be read.
 *
 * @publicApi
 */
export class DurationError extends JobsError {
  /**
   * @param field what was given the duration.
   * @param kind kind of the value.
   * @param problem what is wrong with it.
   */
  constructor(
    readonly field: string,
    readonly kind: string,
    problem: string,
  ) {
    super(`${field}: ${problem}; give milliseconds as a number of at least 0, or text such as '30s', '5m' or '7d'`);
  }
}
