import { JobsError } from '../../../errors/jobs.error.js';

/** The connection ended, or was given up, before an answer came: whether the statement took effect is unknown. */
export class ConnectionLostError extends JobsError {
  constructor(readonly reason: string) {
    super(`The worker's database connection is lost: ${reason}`);
  }
}
