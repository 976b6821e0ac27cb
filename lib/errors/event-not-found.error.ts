import { JobsError } from './jobs.error.js';

/**
 * There is no event of that id, or none any more.
 *
 * @publicApi
 */
export class EventNotFoundError extends JobsError {
  constructor(readonly eventId: string) {
    super(
      `There is no event ${JSON.stringify(eventId.slice(0, 40))}: it was never committed, or its retention is over. ` +
        'Events are kept for as long as the option "retention" says, and longer while something is still to be done with them.',
    );
  }
}
