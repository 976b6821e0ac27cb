import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { JobsError } from '../../errors/jobs.error.js';
import { TransactionEndedError } from '../../errors/transaction-ended.error.js';
import type { ClientConfig } from './client-config.js';
import type { SqlClient } from './sql-client.js';

/** The parts of TypeORM's PostgreSQL driver that the engine uses; its own type is not exported from the package's root. */
interface PostgresDriver {
  /** The `pg` pool of the primary, looked up each time a connection is needed. */
  master: PostgresPool;
}

/** A client of the pool, checked out until it is released; released with an error it is destroyed. */
export interface PooledClient extends SqlClient {
  readonly processID?: number;
  /** State the server last reported: `T` in a transaction. Older versions of `pg` do not tell. */
  getTransactionStatus?(): string | null;
  release(error?: Error | boolean): void;
  end(): Promise<void>;
  on(event: string, listener: (error: Error) => void): unknown;
  off(event: string, listener: (error: Error) => void): unknown;
}

/** The pool, and how large it may grow. */
export interface PostgresPool extends SqlClient {
  readonly options: ClientConfig & { readonly max?: number };
  /** Connections that nobody uses at this moment. */
  readonly idleCount: number;
  /** Connections there are. */
  readonly totalCount: number;
  /** Callers that wait for one. */
  readonly waitingCount: number;
  connect(): Promise<PooledClient>;
}

function isPostgresDriver(driver: object): driver is PostgresDriver {
  return (
    'master' in driver && typeof driver.master === 'object' && driver.master !== null && 'connect' in driver.master
  );
}

/**
 * The driver of a data source, with its pool.
 *
 * @throws JobsError when the data source is not an initialised PostgreSQL one.
 */
export function postgresDriver(dataSource: DataSource): PostgresDriver {
  const { driver } = dataSource;
  if (isPostgresDriver(driver)) return driver;
  throw new JobsError(
    `nestjs-jobs needs an initialised PostgreSQL data source; this one is of type "${dataSource.options.type}" and its driver has no ` +
      'pool ("master"). Initialise it, or give JobsModule the name of a PostgreSQL data source with the option "dataSource".',
  );
}

/**
 * The `pg` pool under a data source.
 *
 * @throws JobsError when the data source is not an initialised PostgreSQL one.
 */
export function postgresPool(dataSource: DataSource): PostgresPool {
  return postgresDriver(dataSource).master;
}

/** A pool that is ours to end. */
export interface ClosablePool extends PostgresPool {
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

const onLost = (): void => undefined;

/**
 * Takes a client from a pool. The pool hears of lost connections only while nobody uses them, and one that is lost unheard ends the
 * process; whoever has this one learns of it from the statement that fails.
 */
export async function takeClient(pool: Pick<PostgresPool, 'connect'>): Promise<PooledClient> {
  const client = await pool.connect();
  client.on('error', onLost);
  return client;
}

/** Gives a taken client back; with a failure it is destroyed. */
export function giveBackClient(client: PooledClient, failure?: Error): void {
  client.release(failure);
  client.off('error', onLost);
}

type PoolClass = new (options: PostgresPool['options'] & { readonly allowExitOnIdle: boolean }) => ClosablePool;

/** A pool of its own that connects as the one of a data source does, of at most `max` connections. */
export function poolBeside(dataSource: DataSource, max: number): ClosablePool {
  const { constructor: Pool, options } = postgresPool(dataSource);
  // The password is not enumerable, so that it is not logged.
  const pool = new (Pool as PoolClass)({ ...options, password: options.password, max, allowExitOnIdle: true });
  // A connection that is lost while idle is gone; the next caller gets another one.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * The `pg` client that a query runner holds, so that a statement joins its transaction.
 *
 * @throws TransactionEndedError when the connection is back in the pool, where it may be in anybody's transaction.
 */
export async function clientOf(queryRunner: QueryRunner): Promise<PooledClient> {
  if (queryRunner.isReleased) throw new TransactionEndedError();
  return (await queryRunner.connect()) as PooledClient;
}

/** Whether a manager's statements run in a transaction, be it TypeORM's or one begun by hand on its connection. */
export async function isInTransaction({ queryRunner }: EntityManager): Promise<boolean> {
  if (queryRunner === undefined) return false;
  if (queryRunner.isTransactionActive) return true;
  return (await clientOf(queryRunner)).getTransactionStatus?.() === 'T';
}

/** Whether a value can be used as a manager; not `instanceof`, as there may be several copies of TypeORM. */
export function isEntityManager(value: unknown): value is EntityManager {
  try {
    return typeof value === 'object' && value !== null && 'getRepository' in value && !('manager' in value);
  } catch {
    // A proxy that refuses to be looked at. Those of libraries that propagate transactions do not.
    return false;
  }
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
