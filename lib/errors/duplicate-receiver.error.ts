import { JobsError } from './jobs.error.js';

/**
 * Two different receivers claim one id, so the database could not tell their deliveries apart. Found at boot.
 *
 * @publicApi
 */
export class DuplicateReceiverError extends JobsError {
  constructor(
    readonly id: string,
    first: string,
    second: string,
  ) {
    super(
      `Two receivers have the id "${id}": ${first} and ${second}. An id names one receiver in the database; ` +
        `give one of them another id, for example { id: '${id}-2' }.`,
    );
  }
}
