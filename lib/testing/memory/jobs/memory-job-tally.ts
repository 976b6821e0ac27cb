import { jobTableNames } from '../../../jobs/schema/job-table-names.js';
import type { EngineDatabase } from '../../../engine/database/engine-database.js';
import { JobTally } from '../../../jobs/insight/tally/job-tally.js';

/** In memory nothing is counted ahead: what reads the figures works on a database alone. */
export class MemoryJobTally extends JobTally {
  constructor(database: EngineDatabase) {
    super(database, jobTableNames(undefined));
  }

  override async fold(): Promise<void> {
    // Nothing was noted.
  }
}
