import { JobsError } from './jobs.error.js';

/**
 * The process shuts down; a receiver that stops now is run again elsewhere, at no attempt.
 *
 * @publicApi
 */
export class WorkerShutdownError extends JobsError {
  constructor() {
    super('The worker shuts down and hands this delivery back.');
  }
}
