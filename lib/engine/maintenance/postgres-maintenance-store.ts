import type { Clock } from '../clock/clock.js';
import type { EngineDatabase } from '../database/engine-database.js';
import type { Statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { MaintenanceStore, type Orphan, type PurgedBatch } from './maintenance-store.port.js';
import {
  orphansStatement,
  PURGE_BATCH,
  purgeActivityStatement,
  purgeDeduplicationStatement,
  purgeEventsStatement,
  purgeWorkersStatement,
} from './purge.statements.js';

/** Purges by one statement a batch; of several processes each takes other rows. */
export class PostgresMaintenanceStore extends MaintenanceStore {
  private readonly purgeEventsText: Statement;
  private readonly purgeDeduplicationText: Statement;
  private readonly purgeActivityText: Statement;
  private readonly purgeWorkersText: Statement;
  private readonly orphansText: Statement;

  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.purgeEventsText = purgeEventsStatement(names);
    this.purgeDeduplicationText = purgeDeduplicationStatement(names);
    this.purgeActivityText = purgeActivityStatement(names);
    this.purgeWorkersText = purgeWorkersStatement(names);
    this.orphansText = orphansStatement(names);
  }

  async purgeEvents(): Promise<PurgedBatch> {
    const { rows } = await this.database.connection.run<{ looked_at: number; purged: number }>(this.purgeEventsText, [
      this.clock.offset,
    ]);
    return { purged: rows[0]?.purged ?? 0, full: (rows[0]?.looked_at ?? 0) >= PURGE_BATCH };
  }

  purgeDeduplication(): Promise<PurgedBatch> {
    return this.purge(this.purgeDeduplicationText);
  }

  purgeActivity(): Promise<PurgedBatch> {
    return this.purge(this.purgeActivityText);
  }

  async purgeWorkers(): Promise<void> {
    await this.database.connection.run(this.purgeWorkersText, []);
  }

  async orphans(): Promise<readonly Orphan[]> {
    return (await this.database.connection.run<Orphan>(this.orphansText, [])).rows;
  }

  private async purge(purge: Statement): Promise<PurgedBatch> {
    const { rowCount } = await this.database.connection.run(purge, [this.clock.offset]);
    return { purged: rowCount ?? 0, full: (rowCount ?? 0) >= PURGE_BATCH };
  }
}
