import { hostname } from 'node:os';
import type { ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';
import type { Clock } from '../clock/clock.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { postgresPool } from '../database/postgres-driver.js';
import type { TableNames } from '../schema/table-names.js';
import type { PostgresWakeUp } from '../wake-up/postgres-wake-up.js';
import { PostgresWorkerSession } from './postgres-worker-session.js';
import type { WorkerSession } from './worker-session.js';
import { WorkerSessions } from './worker-sessions.port.js';

/** Sessions that connect as the pool does, unless the worker has a connection of its own. */
export class PostgresWorkerSessions extends WorkerSessions {
  constructor(
    private readonly database: EngineDatabase,
    private readonly names: TableNames,
    private readonly wakeUp: PostgresWakeUp,
    private readonly clock: Clock,
  ) {
    super();
  }

  create({ connection, maxInterruptions, lease }: ResolvedWorkerOptions): WorkerSession {
    return new PostgresWorkerSession({
      connection:
        connection === undefined
          ? postgresPool(this.database.dataSource).options
          : { connectionString: connection.url },
      names: this.names,
      channel: this.wakeUp.channel,
      ownCall: this.wakeUp.call,
      settings: { maxInterruptions, poolerLease: lease },
      host: hostname(),
      clock: this.clock,
    });
  }
}
