import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { Job } from '../../../jobs/model/job.js';
import { type PendingRow, PendingStore } from '../../../jobs/store/pending-store.port.js';
import type { TargetReference } from '../../../jobs/targets/job-target.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compare, compareIds, later } from '../engine/memory-order.js';

/** Finds pending jobs in memory. */
export class MemoryPendingStore extends PendingStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async page(
    connection: EngineConnection,
    type: string,
    after: PendingRow,
    limit: number,
    age: number,
  ): Promise<readonly PendingRow[]> {
    return this.database.run(connection, (transaction) =>
      this.pending(transaction)
        .filter((job) => job.type === type && job.createdAt <= later(transaction.startedAt, -age))
        .filter((job) => isBehind(job, after))
        .sort((a, b) => compare(a.createdAt, b.createdAt) || compareIds(a.id, b.id))
        .slice(0, limit)
        .map(({ id, createdAt }) => ({ id, at: createdAt.toISOString() })),
    );
  }

  async ofTarget(connection: EngineConnection, { type, id }: TargetReference): Promise<string[]> {
    return this.database.run(connection, (transaction) =>
      this.pending(transaction)
        .filter((job) => job.targetType === type && job.targetId === id)
        .map((job) => job.id)
        .sort(compareIds),
    );
  }

  private pending(transaction: MemoryTransaction): Readonly<Job>[] {
    return transaction
      .all(this.database.jobs)
      .map(({ job }) => job)
      .filter(({ status }) => status === 'pending');
  }
}

function isBehind({ createdAt, id }: Readonly<Job>, after: PendingRow): boolean {
  if (after.at === '-infinity') return true;
  return (compare(createdAt, new Date(after.at)) || compareIds(id, after.id)) > 0;
}
