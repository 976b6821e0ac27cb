import { EventEmitter } from 'node:events';
import type { SqlQuery, SqlResult } from '../../../engine/database/sql-client.js';
import { MemoryClient } from './memory-client.js';
import type { MemoryDatabase } from './memory-database.js';

/** Options of a pool, as far as they mean anything here. */
export interface MemoryPoolOptions {
  readonly max?: number;
}

type Connected = (error: Error | undefined, client: MemoryClient, release: (error?: Error | boolean) => void) => void;

/** What stands in for a pool of `pg`. It gives out as many clients as are asked for: nothing waits that would not on a large pool. */
export class MemoryPool extends EventEmitter {
  private taken = 0;

  constructor(
    readonly database: MemoryDatabase,
    readonly options: MemoryPoolOptions,
  ) {
    super();
  }

  readonly waitingCount = 0;
  readonly idleCount = 0;

  get totalCount(): number {
    return this.taken;
  }

  connect(): Promise<MemoryClient>;
  connect(connected: Connected): undefined;
  connect(connected?: Connected): Promise<MemoryClient> | undefined {
    this.taken += 1;
    const client = new MemoryClient(this.database, () => (this.taken -= 1));
    if (connected === undefined) return Promise.resolve(client);
    connected(undefined, client, (error) => client.release(error));
    return undefined;
  }

  async query<Row>(query: SqlQuery | string): Promise<SqlResult<Row>> {
    const client = await this.connect();
    try {
      return await client.query<Row>(query);
    } finally {
      client.release();
    }
  }

  /** There is nothing to close. */
  async end(ended?: () => void): Promise<void> {
    ended?.();
  }
}
