/** Token of the TypeORM data source that holds the tables, whatever its name is. */
export const JOBS_DATA_SOURCE = Symbol.for('nestjs-jobs:data-source');
