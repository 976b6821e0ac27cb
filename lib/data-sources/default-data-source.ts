/** Name that TypeORM gives a data source without one. */
export const DEFAULT_DATA_SOURCE = 'default';
