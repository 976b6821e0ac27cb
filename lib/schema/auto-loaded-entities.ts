import type { EntitySchema } from 'typeorm';
import { jobsEntities } from './jobs-entities.js';

/** By the name of the data source. */
const sets = new Map<string, readonly EntitySchema[]>();

/**
 * The entities that `TypeOrmModule.forFeature` is given for a data source.
 *
 * It keeps them in one place for all applications of the process, by the data source's name, and what was added there stays: with
 * entities of two schemas, each application would have those of both, and `synchronize` make tables for both. So there is one set for
 * each name, and each application that starts says where it lies.
 */
export function autoLoadedEntities(dataSource: string, schema: string | undefined): readonly EntitySchema[] {
  const known = sets.get(dataSource);
  if (known !== undefined) return known;
  // The very ones an application may list beside autoLoadEntities: a data source that is given an entity twice must be given the same.
  const entities = jobsEntities(schema);
  sets.set(dataSource, entities);
  return entities;
}

/** Puts them in the schema of the application that starts now, before its data source reads them, which it does once it is connected. */
export function placeAutoLoadedEntities(dataSource: string, schema: string | undefined): void {
  for (const { options } of autoLoadedEntities(dataSource, schema)) {
    if (schema === undefined) delete options.schema;
    else options.schema = schema;
  }
}
