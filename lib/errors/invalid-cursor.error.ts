import { JobsError } from './jobs.error.js';

/**
 * A cursor that no page gave, or that of another list.
 *
 * @publicApi
 */
export class InvalidCursorError extends JobsError {
  /**
   * @param place what was given the cursor.
   * @param problem what is wrong with it, and what to do: the end of a sentence that begins with "the cursor".
   */
  constructor(
    readonly place: string,
    problem: string,
  ) {
    super(`${place}: the cursor ${problem}`);
  }
}
