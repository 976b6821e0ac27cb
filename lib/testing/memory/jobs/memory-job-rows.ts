import type { JobSelector, JobSubject } from '../../../jobs/store/job-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryJob } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compareIds } from '../engine/memory-order.js';

/** Finds the rows of jobs in memory, in the order of their ids. */
export class MemoryJobRows {
  constructor(private readonly database: MemoryDatabase) {}

  byIds(transaction: MemoryTransaction, ids: readonly string[]): MemoryJob[] {
    return [...new Set(ids)].sort(compareIds).flatMap((id) => transaction.find(this.database.jobs, id) ?? []);
  }

  /** @param key `null` for all of them. */
  ofSubject(
    transaction: MemoryTransaction,
    { tenant, type, targetType, targetId }: JobSubject,
    key: string | null,
  ): MemoryJob[] {
    return transaction
      .all(this.database.jobs)
      .filter(
        ({ job }) =>
          job.tenant === tenant && job.type === type && job.targetType === targetType && job.targetId === targetId,
      )
      .filter(({ job }) => key === null || job.key === key)
      .sort((a, b) => compareIds(a.job.id, b.job.id));
  }

  /** @param input what the change is told, which may leave out what was requested after an event. */
  selected(
    transaction: MemoryTransaction,
    selector: JobSelector,
    input: Readonly<Record<string, unknown>>,
  ): MemoryJob[] {
    if ('ids' in selector) return this.byIds(transaction, selector.ids);
    const before = input['requestedBefore'];
    return this.ofSubject(transaction, selector.subject, selector.key).filter(
      ({ position }) => typeof before !== 'string' || position < BigInt(before),
    );
  }
}
