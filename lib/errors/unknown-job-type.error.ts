import { JobsError } from './jobs.error.js';

/**
 * A job of a type that no module of this application provides.
 *
 * @publicApi
 */
export class UnknownJobTypeError extends JobsError {
  constructor(
    readonly typeName: string,
    known: readonly string[],
  ) {
    super(
      `${typeName} is no job type of this application. Decorate its class with @JobType and add it to the providers of a module. ` +
        `Known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    );
  }
}
