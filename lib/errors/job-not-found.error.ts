import { JobsError } from './jobs.error.js';

/**
 * There is no job of that id, or none the actor may see.
 *
 * @publicApi
 */
export class JobNotFoundError extends JobsError {
  constructor(readonly jobId: string) {
    super(`There is no job ${jobId}.`);
  }
}
