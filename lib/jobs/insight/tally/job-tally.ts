import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { EngineDatabase } from '../../../engine/database/engine-database.js';
import type { JobTableNames } from '../../schema/job-table-names.js';
import { FOLD_BATCH, foldStatement, recountStatements } from './tally.statements.js';

/** What was opened and closed, counted by quarters of an hour: kept up to date by the database, and kept small by this. */
export class JobTally {
  private readonly foldText;

  constructor(
    private readonly database: EngineDatabase,
    private readonly names: JobTableNames,
  ) {
    this.foldText = foldStatement(names);
  }

  /** Adds up what was noted since the last time. Figures are the same before and after, only faster to read. */
  async fold(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { rows } = await this.database.connection.run<{ taken: number }>(this.foldText, []);
      if ((rows[0]?.taken ?? 0) < FOLD_BATCH) return;
    }
  }

  /** Counts all jobs anew, in the transaction of the connection. */
  async recount(connection: EngineConnection): Promise<void> {
    for (const text of recountStatements(this.names)) await connection.runUnprepared(text);
  }
}
