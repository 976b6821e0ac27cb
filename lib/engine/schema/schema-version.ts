import type { TableNames } from './table-names.js';

/** Where a version's statements put things. */
export interface SchemaPlace {
  /** Schema to create; `undefined` when the tables live in the data source's own. */
  readonly schema: string | undefined;
  readonly names: TableNames;
  /** A table by its name without the prefix, ready to be put into a statement. */
  readonly table: (name: string) => string;
}

/** One version of the tables: how to get there from the one before, and back. */
export interface SchemaVersion {
  readonly version: number;
  /** Moment of its writing in milliseconds, by which TypeORM orders migrations. */
  readonly timestamp: number;
  up(place: SchemaPlace): readonly string[];
  /**
   * Tables of earlier versions that `up` and `down` change; all of them are locked before anything is done. None by default. They come
   * in the order in which most transactions use them: jobs, receivers, events, deliveries, dead letters, so that few are in the way.
   */
  changes?(place: SchemaPlace): readonly string[];
  /** What `synchronize` cannot express; repeatable, and part of `up`. */
  extras(place: SchemaPlace): readonly string[];
  down(place: SchemaPlace): readonly string[];
}
