import { JobsError } from './jobs.error.js';

/**
 * Decorators stacked on one method under one id are one receiver, and want different things of it. Found at boot.
 *
 * @publicApi
 */
export class ConflictingReceiverOptionsError extends JobsError {
  constructor(
    place: string,
    readonly id: string,
    readonly option: string,
  ) {
    super(
      `${place}: the decorators of receiver "${id}" disagree about option ${option}. One id is one receiver with one set of options; ` +
        `write ${option} on one of the decorators only, or give them different ids.`,
    );
  }
}
