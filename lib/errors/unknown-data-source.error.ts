import { JobsError } from './jobs.error.js';

/**
 * A receiver or type of job of a data source that no `JobsModule` works on. Found at boot: its events and jobs would reach nobody.
 *
 * @publicApi
 */
export class UnknownDataSourceError extends JobsError {
  /**
   * @param place what belongs to it: the receiver's `Class.method`, or the type.
   * @param known names of the data sources that JobsModule is set up for.
   */
  constructor(
    place: string,
    readonly dataSource: string,
    known: readonly string[],
  ) {
    super(
      `${place} belongs to data source "${dataSource}", for which JobsModule is not set up; it is for ${list(known)}. ` +
        `Name another one with the option dataSource (left out, it is "default"), or set the module up for it, too.`,
    );
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
