import { JobHistoryEntry } from '../../../jobs/model/job-history-entry.js';
import { Job } from '../../../jobs/model/job.js';
import { assertJobLimits } from '../../../jobs/store/job-limits.js';
import type { JobChange, JobRequestInput } from '../../../jobs/store/job-store.port.js';
import { jobTransitions } from '../../../jobs/store/job-transitions.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryJob } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { copyOfJob, jsonCopy } from './copy-of-job.js';
import { at, memoryTransitions, recordedOf, repeated } from './memory-job-transitions.js';

/** One change of jobs, before it is known which. */
export type Making = Pick<JobChange, 'transition' | 'actor' | 'input' | 'note'>;

/** Writes jobs in memory, each change with its history. */
export class MemoryJobWriter {
  constructor(private readonly database: MemoryDatabase) {}

  /** A new job, and the entry of its request. */
  insert(transaction: MemoryTransaction, input: JobRequestInput, actor: string, note: string | null): Job {
    const now = transaction.startedAt;
    const { uniqueness, type, typeVersion, targetType, targetId, key, tenant, assignee, priority, plan, step } = input;
    const job: Job = Object.assign(new Job(), {
      id: String(this.database.next('job')),
      ...{ type, typeVersion, status: 'pending', closeReason: null, outcome: null },
      ...{ targetType, targetId, key, tenant, assignee, candidates: [...input.candidates] },
      ...{ claimedBy: null, claimedAt: null, claimExpiresAt: null },
      ...{ startedAt: null, snoozedUntil: null, waitingOn: null },
      ...{ priority, plan, step, metadata: jsonCopy(input.metadata), result: null, tags: [...input.tags] },
      ...{ createdBy: actor, closedBy: null, requestCount: 1 },
      ...{ lastRequestedAt: now, createdAt: now, updatedAt: now },
      ...{ dueAt: at({ ...input }, 'due', now), dueNoticedAt: null, expiresAt: at({ ...input }, 'expires', now) },
      ...{ closedAt: null, version: 1 },
    } satisfies Job);
    assertJobLimits(job);
    transaction.put(this.database.jobs, job.id, { job, uniqueness, position: this.database.next('event') });
    const after = { status: job.status, assignee };
    this.record(transaction, { jobId: job.id, action: 'requested', actor, at: now, before: null, after, note });
    return copyOfJob({ job });
  }

  /** Counts another request on a job that is open. */
  repeat(
    transaction: MemoryTransaction,
    row: MemoryJob,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Job {
    const set = repeated(row.job, { ...input }, transaction.startedAt);
    return this.update(transaction, row, { transition: 'repeat', actor, note }, set);
  }

  /** Whether a change may be made as the job is now. */
  allows(transaction: MemoryTransaction, { job }: MemoryJob, { transition, input, actor }: Making): boolean {
    return memoryTransitions[transition].guard({ job, input, now: transaction.startedAt, actor });
  }

  /** Makes a change, where it may be made. */
  make(transaction: MemoryTransaction, row: MemoryJob, making: Making): Job | undefined {
    if (!this.allows(transaction, row, making)) return undefined;
    const { transition, input, actor } = making;
    const set = memoryTransitions[transition].set({ job: row.job, input, now: transaction.startedAt, actor });
    return this.update(transaction, row, making, set);
  }

  private update(
    transaction: MemoryTransaction,
    row: MemoryJob,
    { transition, actor, note }: Omit<Making, 'input'>,
    set: Partial<Job>,
  ): Job {
    const now = transaction.startedAt;
    const updatedAt = now > row.job.updatedAt ? now : row.job.updatedAt;
    const job: Job = Object.assign(new Job(), row.job, set, { updatedAt, version: row.job.version + 1 });
    assertJobLimits(job);
    transaction.put(this.database.jobs, job.id, { ...row, job });
    this.record(transaction, {
      jobId: job.id,
      action: jobTransitions[transition].action,
      actor,
      at: now,
      before: recordedOf(transition, row.job),
      after: recordedOf(transition, job),
      note,
    });
    return copyOfJob({ job });
  }

  private record(transaction: MemoryTransaction, entry: Omit<JobHistoryEntry, 'id'>): void {
    const id = String(this.database.next('history'));
    transaction.put(this.database.history, id, Object.assign(new JobHistoryEntry(), { id, ...entry }));
  }
}
