import { JobsError } from './jobs.error.js';
import { shownValue } from './shown-value.js';

/**
 * An option of the module, of a receiver or of a function that cannot be used; those of the first two are found at boot.
 *
 * @publicApi
 */
export class InvalidOptionError extends JobsError {
  /**
   * @param place who was given the option: `JobsModule`, `Class.method` of a receiver, or the function.
   * @param option path of the option, as written.
   * @param expectation what it must be, and what to do about it: the end of a sentence that begins with "must be".
   */
  constructor(
    readonly place: string,
    readonly option: string,
    expectation: string,
    value: unknown,
  ) {
    super(`${place}: option ${option} must be ${expectation}, but is ${shownValue(value)}.`);
  }
}
