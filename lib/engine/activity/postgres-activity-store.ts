import type { Clock } from '../clock/clock.js';
import type { EngineDatabase } from '../database/engine-database.js';
import type { Statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import type { ActivityCounts } from './activity-counts.js';
import { ActivityStore } from './activity-store.port.js';
import { recordActivityStatement } from './activity.statements.js';

/** Writes what the runs of a worker led to. */
export class PostgresActivityStore extends ActivityStore {
  private readonly recordText: Statement;

  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.recordText = recordActivityStatement(names);
  }

  /**
   * Adds counts by receiver to those of the present minute.
   *
   * @param inFlight runs of the worker at this moment.
   */
  async record(workerId: number, inFlight: number, counts: ReadonlyMap<number, ActivityCounts>): Promise<void> {
    const all = [...counts.values()];
    await this.database.connection.run(this.recordText, [
      workerId,
      inFlight,
      [...counts.keys()],
      all.map(({ succeeded }) => succeeded),
      all.map(({ failed }) => failed),
      all.map(({ dead }) => dead),
      all.map(({ interrupted }) => interrupted),
      all.map(({ milliseconds }) => Math.round(milliseconds)),
      this.clock.offset,
    ]);
  }
}
