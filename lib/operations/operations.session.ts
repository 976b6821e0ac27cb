import type { EngineConnection } from '../engine/database/engine-connection.js';
import type { EngineDatabase } from '../engine/database/engine-database.js';
import type { WakeUp } from '../engine/wake-up/wake-up.js';

/** How operations reach the database: once the receivers are registered, and waking the workers after what they did. */
export class OperationsSession {
  constructor(
    private readonly database: EngineDatabase,
    private readonly wakeUp: WakeUp,
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
    const result = await this.database.transaction(work);
    this.wakeUp.wake();
    return result;
  }
}
