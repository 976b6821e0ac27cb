import { JobsError } from './jobs.error.js';

/**
 * A job is in another state than the change needs: closed with another outcome, or pending a second time.
 *
 * @publicApi
 */
export class JobConflictError extends JobsError {
  constructor(
    readonly jobId: string,
    problem: string,
  ) {
    super(`Job ${jobId} ${problem}`);
  }
}
