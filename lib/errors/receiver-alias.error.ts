import { JobsError } from './jobs.error.js';

/**
 * An alias names a receiver that exists, so renaming the one registration row would take the other's deliveries. Found at boot.
 *
 * @publicApi
 */
export class ReceiverAliasError extends JobsError {
  constructor(
    readonly alias: string,
    place: string,
    owner: string,
  ) {
    super(
      `${place}: option aliases contains "${alias}", which is ${owner}. An alias is the former id of this receiver alone; ` +
        `remove it, or rename the other receiver.`,
    );
  }
}
