import { JobsError } from '../../../errors/jobs.error.js';

/** No liveness thread can be started, for instance because a bundler left its file behind. */
export class ThreadUnavailableError extends JobsError {
  constructor(cause: unknown) {
    super(`The liveness thread cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
