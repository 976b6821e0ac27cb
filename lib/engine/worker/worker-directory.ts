import type { EngineDatabase } from '../database/engine-database.js';
import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/** Says in the database which receivers a worker has, so that deliveries nobody runs can be told from those that wait. */
export class WorkerDirectory {
  private readonly announceText: Statement;

  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
  ) {
    this.announceText = statement('announce_worker', `update ${names.worker} set receivers = $2::int[] where id = $1`);
  }

  async announce(workerId: number, receivers: readonly number[]): Promise<void> {
    await this.database.connection.run(this.announceText, [workerId, receivers]);
  }
}
