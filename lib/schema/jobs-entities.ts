import type { EntitySchema } from 'typeorm';
import { engineEntities } from '../engine/schema/engine-entities.js';
import { jobEntities } from '../jobs/schema/job-entities.js';
import { operationsEntities } from '../operations/schema/operations-entities.js';
import { assertSchemaName } from './assert-schema-name.js';

const known = new Map<string | undefined, readonly EntitySchema[]>();

/**
 * The entities to give to a data source that does not load entities by itself (`autoLoadEntities`).
 *
 * Everything the package relies on is declared here, down to the partial indexes: `synchronize` drops what it does not know.
 *
 * @param schema the schema given to `JobsModule`; left out when the tables live in the data source's own.
 * @throws InvalidOptionError when the schema is no name.
 * @publicApi
 */
export function jobsEntities(schema?: string): readonly EntitySchema[] {
  assertSchemaName('jobsEntities', schema);
  // A data source that is given an entity twice must be given the same one.
  let entities = known.get(schema);
  if (entities === undefined) {
    entities = [...engineEntities(schema), ...jobEntities(schema), ...operationsEntities(schema)];
    known.set(schema, entities);
  }
  return entities;
}
