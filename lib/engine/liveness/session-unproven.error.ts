import { JobsError } from '../../errors/jobs.error.js';

/** Nothing can be claimed because the session is not proven; the worker is told when it is again. */
export class SessionUnprovenError extends JobsError {
  constructor() {
    super('The worker has no proven connection to the database at the moment; it claims again as soon as it has.');
  }
}
