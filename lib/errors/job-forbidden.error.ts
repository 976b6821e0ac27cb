import { JobsError } from './jobs.error.js';

/**
 * The policy does not let an actor do something.
 *
 * @publicApi
 */
export class JobForbiddenError extends JobsError {
  constructor(
    readonly actor: string,
    readonly action: string,
  ) {
    super(`${actor} may not ${action} this job.`);
  }
}
