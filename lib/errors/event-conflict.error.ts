import { JobsError } from './jobs.error.js';

/**
 * Two definitions of one event name in one application.
 *
 * @publicApi
 */
export class EventConflictError extends JobsError {
  /**
   * @param eventName the name both claim.
   * @param first where the first one comes from, for the text.
   * @param second where the other one comes from, for the text.
   */
  constructor(
    readonly eventName: string,
    first: string,
    second: string,
  ) {
    super(
      `The event ${eventName} is defined twice, by ${first} and by ${second}; rename one of them, or import one definition in both places`,
    );
  }
}
