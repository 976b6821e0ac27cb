import { JobsError } from './jobs.error.js';

/**
 * A manager of another data source was handed in: its transaction cannot hold what is written here.
 *
 * @publicApi
 */
export class ForeignManagerError extends JobsError {
  /**
   * @param given the data source of the manager, as far as it can be named.
   * @param expected the data source of JobsModule.
   */
  constructor(given: string, expected: string) {
    super(
      `The manager belongs to data source ${given}, but JobsModule works on ${expected}. ` +
        'Pass a manager of that data source, or give JobsModule the option dataSource that names the other.',
    );
  }
}
