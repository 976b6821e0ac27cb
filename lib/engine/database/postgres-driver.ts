import type { ClientConfig } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { JobsError } from '../../errors/jobs.error.js';
import type { SqlClient } from './sql-client.js';

/** The parts of TypeORM's PostgreSQL driver that the engine uses; its own type is not exported from the package's root. */
interface PostgresDriver {
  /** The `pg` pool of the primary. */
  readonly master: PostgresPool;
}

/** A client of the pool, checked out until it is released; released with an error it is destroyed. */
export interface PooledClient extends SqlClient {
  readonly processID?: number;
  release(error?: Error | boolean): void;
  end(): Promise<void>;
}

/** The pool, and how large it may grow. */
export interface PostgresPool extends SqlClient {
  readonly options: ClientConfig & { readonly max?: number };
  connect(): Promise<PooledClient>;
}

function isPostgresDriver(driver: object): driver is PostgresDriver {
  return (
    'master' in driver && typeof driver.master === 'object' && driver.master !== null && 'connect' in driver.master
  );
}

/**
 * The `pg` pool under a data source.
 *
 * @throws JobsError when the data source is not an initialised PostgreSQL one.
 */
export function postgresPool(dataSource: DataSource): PostgresPool {
  const { driver } = dataSource;
  if (isPostgresDriver(driver)) return driver.master;
  throw new JobsError(
    `nestjs-jobs needs an initialised PostgreSQL data source; this one is of type "${dataSource.options.type}". ` +
      'Give JobsModule the name of a PostgreSQL data source with the option "dataSource".',
  );
}

/** The `pg` client that a query runner holds, so that a statement joins its transaction. */
export async function clientOf(queryRunner: QueryRunner): Promise<SqlClient> {
  return (await queryRunner.connect()) as SqlClient;
}

/** Cuts the connection of a query runner off, so that nothing it began can end well. */
export async function destroyConnection(queryRunner: QueryRunner): Promise<void> {
  const client = (await queryRunner.connect()) as PooledClient;
  await client.end();
}

/** The data source a manager belongs to; TypeORM 1.x renamed the property, 0.3 knows the old name alone. */
export function dataSourceOf(manager: EntityManager): DataSource {
  return 'dataSource' in manager ? manager.dataSource : (manager as { readonly connection: DataSource }).connection;
}
