import type { OnApplicationShutdown } from '@nestjs/common';
import type { EngineConnection } from './engine-connection.js';
import type { EngineDatabase } from './engine-database.js';
import { type ClosablePool, poolBeside } from './postgres-driver.js';

/**
 * One connection beside the pool, opened when it is first needed and closed again when it is idle.
 *
 * It is for what must be written while callers hold connections of the pool: were they to hold all of them, each would wait for the
 * others for ever. Whoever needs it meanwhile waits, so work on it must be short.
 */
export class ConnectionApart implements OnApplicationShutdown {
  private pool: ClosablePool | undefined;

  constructor(private readonly database: EngineDatabase) {}

  /** Runs `work` in a transaction of its own. */
  transaction<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result> {
    this.pool ??= poolBeside(this.database.dataSource, 1);
    return this.database.transactionOn(this.pool, work);
  }

  async onApplicationShutdown(): Promise<void> {
    const { pool } = this;
    this.pool = undefined;
    await pool?.end();
  }
}
