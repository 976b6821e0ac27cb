import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { EngineConnection } from './engine-connection.js';
import {
  clientOf,
  destroyConnection,
  giveBackClient,
  type PooledClient,
  type PostgresPool,
  postgresPool,
  takeClient,
} from './postgres-driver.js';
import { statement } from './statement.js';

const DEFAULT_POOL_SIZE = 10;

const TERMINATE = statement(
  'terminate',
  `select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
   where pid = $1 and datname = current_database() and usename = current_user and xact_start is not null`,
);

/** The pool of the data source at one moment. */
export interface PoolState {
  /** Connections it may have. */
  readonly size: number;
  /** Connections that could be taken now, those not opened yet included. */
  readonly free: number;
  /** Callers that wait for one. */
  readonly waiting: number;
}

/** The engine's way into the user's data source: past TypeORM's query log, and with prepared statements where the connection allows. */
export class EngineDatabase {
  private prepare = false;

  constructor(readonly dataSource: DataSource) {}

  /** How many connections the pool may open. */
  get poolSize(): number {
    return this.pool.options.max ?? DEFAULT_POOL_SIZE;
  }

  /** How the pool is at this moment. */
  get poolState(): PoolState {
    const { idleCount, totalCount, waitingCount } = this.pool;
    const size = this.poolSize;
    return { size, free: idleCount + Math.max(0, size - totalCount), waiting: waitingCount };
  }

  /** Any connection of the pool, a statement each. */
  get connection(): EngineConnection {
    return new EngineConnection(this.pool, this.prepare);
  }

  /** The connection on which a manager's statements run; within its transaction when it has one. */
  async connectionOf(manager: EntityManager): Promise<EngineConnection> {
    const { queryRunner } = manager;
    return queryRunner === undefined
      ? this.connection
      : new EngineConnection(await clientOf(queryRunner), this.prepare);
  }

  /**
   * Cuts off the connection of a query runner, whatever it is busy with: nothing it began can commit, and its locks are freed. The
   * server would notice a closed connection only after the statement it runs at that moment, which may wait for ever.
   */
  async cutOff(queryRunner: QueryRunner): Promise<void> {
    const { processID } = await clientOf(queryRunner);
    if (this.prepare && processID !== undefined) {
      this.connection.run(TERMINATE, [processID]).catch(() => undefined);
    }
    await destroyConnection(queryRunner);
  }

  /** Runs `work` in a transaction on a connection of its own. */
  transaction<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result> {
    return this.transactionOn(this.pool, work);
  }

  /** The same on a connection of another pool of the same database. */
  async transactionOn<Result>(
    pool: Pick<PostgresPool, 'connect'>,
    work: (connection: EngineConnection) => Promise<Result>,
  ): Promise<Result> {
    const client = await takeClient(pool);
    let failure: Error | undefined;
    try {
      // What waited for a lock must see what its holder did, whatever the database's default is.
      await client.query({ text: 'begin isolation level read committed' });
      const result = await work(new EngineConnection(client, this.prepare));
      await client.query({ text: 'commit' });
      return result;
    } catch (error) {
      failure = await rollBack(client);
      throw error;
    } finally {
      giveBackClient(client, failure);
    }
  }

  /**
   * Finds out whether connections reach their server directly. A pooler hands one server connection to many clients, where a
   * statement prepared by one is unknown to, or clashes with, that of another.
   */
  async detectPooler(): Promise<boolean> {
    const client = await takeClient(this.pool);
    try {
      const { rows } = await client.query<{ pid: number }>({ text: 'select pg_backend_pid()::int4 as pid' });
      this.prepare = client.processID !== undefined && Number(rows[0]?.pid) === client.processID;
      return !this.prepare;
    } finally {
      giveBackClient(client);
    }
  }

  private get pool(): PostgresPool {
    return postgresPool(this.dataSource);
  }
}

async function rollBack(client: PooledClient): Promise<Error | undefined> {
  try {
    await client.query({ text: 'rollback' });
    return undefined;
  } catch (error) {
    // A connection that cannot roll back is in no known state; the pool must not hand it out again.
    return error instanceof Error ? error : new Error(String(error));
  }
}
