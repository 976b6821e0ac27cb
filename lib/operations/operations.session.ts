import type { EngineConnection } from '../engine/database/engine-connection.js';
import type { EngineDatabase } from '../engine/database/engine-database.js';
import type { AuditStore } from './audit/audit.store.js';
import type { WakeUp } from '../engine/wake-up/wake-up.port.js';

/** How operations reach the database: once the receivers are registered, and waking the workers after what they did. */
export class OperationsSession {
  constructor(
    private readonly database: EngineDatabase,
    private readonly wakeUp: WakeUp,
    private readonly audit: AuditStore,
    private readonly ready: () => Promise<unknown>,
  ) {}

  /** Reads; each statement for itself. */
  async read<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result> {
    await this.ready();
    return work(this.database.connection);
  }

  /** Acts in one transaction, and wakes the workers when it is committed. */
  async act<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result> {
    await this.ready();
    const { result, connection } = await this.database.transaction(async (own) => ({
      result: await work(own),
      connection: own,
    }));
    this.wakeUp.wake();
    this.audit.committed(connection);
    return result;
  }
}
