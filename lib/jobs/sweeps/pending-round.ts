import type { EngineDatabase } from '../../engine/database/engine-database.js';
import type { Job } from '../model/job.js';
import type { JobStore } from '../store/job-store.port.js';
import { FIRST, type PendingRow, type PendingStore } from '../store/pending-store.port.js';

/** Goes round the pending jobs of each type, one page at a time, so that no look takes long however many there are. */
export class PendingRound {
  private readonly places = new Map<string, PendingRow>();

  /**
   * @param limit jobs of one page.
   * @param age milliseconds since their request, at least.
   */
  constructor(
    private readonly database: EngineDatabase,
    private readonly pending: PendingStore,
    private readonly jobs: JobStore,
    private readonly limit: number,
    private readonly age: number,
  ) {}

  /** The next page of a type; after the last one the first again. */
  async next(type: string): Promise<readonly Job[]> {
    const { connection } = this.database;
    const after = this.places.get(type) ?? FIRST;
    const rows = await this.pending.page(connection, type, after, this.limit, this.age);
    const last = rows.at(-1);
    this.places.set(type, rows.length < this.limit || last === undefined ? FIRST : last);
    return rows.length === 0
      ? []
      : this.jobs.findByIds(
          connection,
          rows.map(({ id }) => id),
        );
  }
}
