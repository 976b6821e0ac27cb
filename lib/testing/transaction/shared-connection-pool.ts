import type { PooledClient, PostgresPool } from '../../engine/database/postgres-driver.js';
import type { SqlQuery, SqlResult } from '../../engine/database/sql-client.js';
import { sharedClient } from './shared-client.js';
import type { SharedConnection } from './shared-connection.js';

const SHARED = Symbol('nestjs-jobs:shared-connection');

type ConnectCallback = (error: unknown, client: PooledClient, release: () => void) => void;

/** A client as `pg` has it: it takes a text, or an object that holds one. */
interface RawClient {
  query<Row>(...query: [SqlQuery | string, ...unknown[]]): Promise<SqlResult<Row>>;
}

/** What clients of the pool are made of. */
interface Shared {
  readonly client: PooledClient;
  readonly connection: SharedConnection;
}

interface SharedOptions {
  readonly [SHARED]: Shared;
}

/** Options of a pool whose clients all share one connection. */
export function sharedPoolOptions(
  options: PostgresPool['options'],
  client: PooledClient,
  connection: SharedConnection,
): PostgresPool['options'] & SharedOptions {
  return { ...options, password: options.password, [SHARED]: { client, connection } };
}

/** In place of a `pg` pool: every client of it is on the connection of a test. Pools that are made like it are, too. */
export class SharedConnectionPool implements PostgresPool {
  readonly idleCount = 1;
  readonly totalCount = 1;
  readonly waitingCount = 0;

  constructor(readonly options: PostgresPool['options'] & SharedOptions) {}

  connect(): Promise<PooledClient>;
  connect(callback: ConnectCallback): undefined;
  connect(callback?: ConnectCallback): Promise<PooledClient> | undefined {
    const { client: real, connection } = this.options[SHARED];
    const client = sharedClient(real, connection);
    if (callback === undefined) return Promise.resolve(client);
    callback(undefined, client, () => client.release());
    return undefined;
  }

  async query<Row>(...query: [SqlQuery | string, ...unknown[]]): Promise<SqlResult<Row>> {
    const client: RawClient = await this.connect();
    return client.query<Row>(...query);
  }

  /** There is nothing to listen to. */
  on(): this {
    return this;
  }

  /** The connection is the test's to give back. */
  end(callback?: () => void): Promise<void> {
    callback?.();
    return Promise.resolve();
  }
}
