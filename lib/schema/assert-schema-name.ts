import { InvalidOptionError } from '../errors/invalid-option.error.js';

/**
 * Refuses what names no schema.
 *
 * @throws InvalidOptionError
 */
export function assertSchemaName(place: string, schema: unknown): void {
  if (schema === undefined || (typeof schema === 'string' && schema !== '')) return;
  const expectation = 'the name of a PostgreSQL schema; leave it out for the schema of the data source';
  throw new InvalidOptionError(place, 'schema', expectation, schema);
}
