import { JobsError } from './jobs.error.js';

/**
 * An event that is not defined in a way that can work: its name, version, schema, upcasters or class. Found when it is defined or at boot.
 *
 * @publicApi
 */
export class EventDefinitionError extends JobsError {
  /**
   * @param subject name of the event, or of the class.
   * @param problem what is wrong and what to do about it.
   */
  constructor(
    readonly subject: string,
    problem: string,
  ) {
    super(`${subject}: ${problem}`);
  }
}
