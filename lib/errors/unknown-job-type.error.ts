import { printableName } from '../engine/text/kind-of.js';
import { JobsError } from './jobs.error.js';

/**
 * A job of a type that no module of this application provides.
 *
 * @publicApi
 */
export class UnknownJobTypeError extends JobsError {
  /** @param elsewhere name of the data source it belongs to, when it is not that of the service which was asked. */
  constructor(
    readonly typeName: string,
    known: readonly string[],
    elsewhere?: string,
  ) {
    const name = printableName(typeName);
    super(elsewhere === undefined ? unknown(name, known) : misplaced(name, elsewhere));
  }
}

function unknown(typeName: string, known: readonly string[]): string {
  return (
    `${typeName} is no job type of this application. Decorate its class with @JobType and add it to the providers of a module. ` +
    `Known: ${known.length === 0 ? 'none' : known.join(', ')}.`
  );
}

function misplaced(typeName: string, dataSource: string): string {
  const argument = dataSource === 'default' ? '' : `'${dataSource}'`;
  return (
    `Jobs of type ${typeName} are kept in data source "${dataSource}", and this is the service of another. ` +
    `Inject the right one with @InjectJobsService(${argument}).`
  );
}
