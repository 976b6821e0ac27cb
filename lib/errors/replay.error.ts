import { JobsError } from './jobs.error.js';

/**
 * An event cannot be replayed to a receiver.
 *
 * @publicApi
 */
export class ReplayError extends JobsError {
  constructor(
    readonly receiverId: string,
    why: string,
  ) {
    super(`Nothing can be replayed to receiver ${JSON.stringify(receiverId)}: ${why}`);
  }
}
