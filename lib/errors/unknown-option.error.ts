import { JobsError } from './jobs.error.js';

/**
 * An option that does not exist, found at boot: a misspelt option would otherwise be a silent default.
 *
 * @publicApi
 */
export class UnknownOptionError extends JobsError {
  constructor(
    readonly place: string,
    readonly option: string,
    suggestion: string | undefined,
    known: readonly string[],
  ) {
    super(
      `${place}: there is no option ${option}. ` +
        (suggestion === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean ${suggestion}?`),
    );
  }
}
