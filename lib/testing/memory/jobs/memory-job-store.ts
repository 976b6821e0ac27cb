import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import { JobHistoryEntry } from '../../../jobs/model/job-history-entry.js';
import { Job } from '../../../jobs/model/job.js';
import { assertJobLimits } from '../../../jobs/store/job-limits.js';
import {
  type HistoryPageRequest,
  type JobChange,
  type JobRequestInput,
  type JobSelector,
  JobStore,
  type JobSubject,
  type JobSweepName,
  type RememberedCompletion,
  type RequestedRecord,
} from '../../../jobs/store/job-store.port.js';
import { jobTransitions, type JobTransitionName } from '../../../jobs/store/job-transitions.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryJob } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compare, compareIds, later } from '../engine/memory-order.js';
import { at, memoryTransitions, recordedOf, repeated } from './memory-job-transitions.js';
import { nextJobOrder, isWanted } from './next-memory-job.js';

const SWEEP_BATCH = 500;

/** By which time a sweep goes. */
const SWEEP_ORDERS = {
  expire: 'expiresAt',
  noticeDue: 'dueAt',
  lapse: 'claimExpiresAt',
  wake: 'snoozedUntil',
} as const satisfies Readonly<Record<JobSweepName, keyof Job>>;

/** One change of jobs, before it is known which. */
type Making = Pick<JobChange, 'transition' | 'actor' | 'input' | 'note'>;

/** Reads and writes jobs in memory. */
export class MemoryJobStore extends JobStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Promise<RequestedRecord> {
    return this.database.run(connection, async (transaction) => {
      // Of two that request the same, the second sees what became of the first.
      if (input.uniqueness !== 'none') await transaction.lock(`unique job ${subjectKey(input, input.key)}`);
      const open = this.repeatedBy(transaction, input);
      if (open === undefined) return this.insert(transaction, input, actor, note);
      const held = await transaction.findForUpdate(this.database.jobs, open.job.id);
      const row = held ?? open;
      const change = { transition: 'repeat', actor, input: { ...input }, note } as const;
      const job = this.update(transaction, row, change, repeated(row.job, { ...input }, transaction.startedAt));
      return { job, created: false, remembered: undefined };
    });
  }

  async change(connection: EngineConnection, { selector, ...making }: JobChange): Promise<Job[]> {
    return this.database.run(connection, async (transaction) => {
      const changed: Job[] = [];
      for (const { job } of this.selected(transaction, selector, making.input)) {
        const row = await transaction.findForUpdate(this.database.jobs, job.id);
        const one = row === undefined ? undefined : this.make(transaction, row, making);
        if (one !== undefined) changed.push(one);
      }
      return changed;
    });
  }

  async sweep(
    connection: EngineConnection,
    name: JobSweepName,
    input: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<Job[]> {
    const making: Making = { transition: name, actor, input, note: null };
    const order = SWEEP_ORDERS[name];
    return this.database.run(connection, (transaction) => {
      const due = transaction
        .all(this.database.jobs)
        .filter((row) => this.allows(transaction, row, making))
        .sort((a, b) => compare(a.job[order] ?? new Date(0), b.job[order] ?? new Date(0)))
        .slice(0, SWEEP_BATCH);
      return due
        .flatMap(({ job }) => {
          const row = transaction.findUnlocked(this.database.jobs, job.id);
          return (row === undefined ? undefined : this.make(transaction, row, making)) ?? [];
        })
        .sort((a, b) => compareIds(a.id, b.id));
    });
  }

  async lockNext(
    connection: EngineConnection,
    principals: readonly string[],
    query: Readonly<Record<string, unknown>>,
  ): Promise<Job | undefined> {
    return this.database.run(connection, (transaction) => {
      const now = transaction.startedAt;
      const wanted = transaction
        .all(this.database.jobs)
        .filter(({ job }) => isWanted(job, principals, query, now))
        .sort((a, b) => nextJobOrder(a.job, b.job));
      for (const { job } of wanted) {
        const row = transaction.findUnlocked(this.database.jobs, job.id);
        if (row !== undefined) return copyOf(row);
      }
      return undefined;
    });
  }

  async lock(connection: EngineConnection, ids: readonly string[]): Promise<void> {
    await this.database.run(connection, async (transaction) => {
      for (const id of [...ids].sort(compareIds)) await transaction.findForUpdate(this.database.jobs, id);
    });
  }

  async tryLock(connection: EngineConnection, id: string): Promise<boolean> {
    return this.database.run(
      connection,
      (transaction) => transaction.findUnlocked(this.database.jobs, id)?.job.status === 'pending',
    );
  }

  async history(
    connection: EngineConnection,
    id: string,
    { what, order, after, limit }: HistoryPageRequest,
  ): Promise<JobHistoryEntry[]> {
    return this.database.run(connection, (transaction) => {
      const sign = order === 'oldest' ? 1 : -1;
      return transaction
        .all(this.database.history)
        .filter(({ jobId, action }) => jobId === id && (what === 'history' || action === 'commented'))
        .filter((entry) => after === null || sign * compareIds(entry.id, after) > 0)
        .sort((a, b) => sign * compareIds(a.id, b.id))
        .slice(0, limit);
    });
  }

  async findByIds(connection: EngineConnection, ids: readonly string[]): Promise<Job[]> {
    return this.database.run(connection, (transaction) => this.byIds(transaction, ids).map(copyOf));
  }

  async findPending(connection: EngineConnection, subject: JobSubject, key: string | null): Promise<Job[]> {
    return this.database.run(connection, (transaction) =>
      this.ofSubject(transaction, subject, key)
        .filter(({ job }) => job.status === 'pending')
        .map(copyOf),
    );
  }

  async takeTurns(connection: EngineConnection, subject: JobSubject): Promise<void> {
    await this.database.run(connection, (transaction) => transaction.lock(turnOf(subject)));
  }

  /** Time stands still in memory, so it does not wait at all. */
  async tryTurn(connection: EngineConnection, subject: JobSubject): Promise<boolean> {
    return this.database.run(connection, (transaction) => transaction.tryLock(turnOf(subject)));
  }

  async takeTurnsToRaise(connection: EngineConnection, subject: JobSubject): Promise<void> {
    await this.database.run(connection, (transaction) => transaction.lock(`raise ${turnOf(subject)}`));
  }

  async remember(
    connection: EngineConnection,
    { tenant, type, targetType, targetId }: JobSubject,
    completion: RememberedCompletion,
    limit: number,
    key = '',
  ): Promise<void> {
    const subject = { tenant, type, targetType, targetId };
    const { remembered } = this.database;
    await this.database.run(connection, async (transaction) => {
      const place = subjectKey(subject, key);
      const earlier = await transaction.findForUpdate(remembered, place);
      const asked = later(transaction.startedAt, limit);
      const until = earlier !== undefined && earlier.until > asked ? earlier.until : asked;
      transaction.put(remembered, place, { subject, key, completion, until });
    });
  }

  async unremember(connection: EngineConnection, subject: JobSubject, key: string): Promise<void> {
    await this.database.run(connection, (transaction) => {
      for (const one of new Set(['', key]))
        transaction.put(this.database.remembered, subjectKey(subject, one), undefined);
    });
  }

  async forget(connection: EngineConnection): Promise<void> {
    await this.database.run(connection, (transaction) => {
      for (const { subject, key, until } of transaction.all(this.database.remembered)) {
        if (until <= transaction.startedAt)
          transaction.put(this.database.remembered, subjectKey(subject, key), undefined);
      }
    });
  }

  async findEver(connection: EngineConnection, subject: JobSubject, key: string): Promise<Job | undefined> {
    return this.database.run(connection, (transaction) => {
      const [first] = this.ofSubject(transaction, subject, key).sort(
        (a, b) =>
          Number(b.job.status === 'pending') - Number(a.job.status === 'pending') || compareIds(b.job.id, a.job.id),
      );
      return first === undefined ? undefined : copyOf(first);
    });
  }

  private insert(
    transaction: MemoryTransaction,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): RequestedRecord {
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
    return { job: copyOf({ job }), created: true, remembered: this.recall(transaction, job) };
  }

  /** Which job a request repeats. */
  private repeatedBy(transaction: MemoryTransaction, input: JobRequestInput): MemoryJob | undefined {
    if (input.uniqueness === 'none') return undefined;
    const rows = this.ofSubject(transaction, input, input.key);
    const open = rows.find(({ job, uniqueness }) => job.status === 'pending' && uniqueness !== 'none');
    return input.uniqueness === 'ever' ? (rows.find(({ uniqueness }) => uniqueness === 'ever') ?? open) : open;
  }

  private recall(transaction: MemoryTransaction, job: Job): RememberedCompletion | undefined {
    const { remembered } = this.database;
    let recalled: RememberedCompletion | undefined;
    for (const key of new Set(['', job.key])) {
      const row = transaction.find(remembered, subjectKey(job, key));
      if (row === undefined) continue;
      transaction.put(remembered, subjectKey(job, key), undefined);
      // That of the job's own key is the nearer one.
      if (row.until > transaction.startedAt) recalled = row.completion;
    }
    return recalled;
  }

  private allows(transaction: MemoryTransaction, { job }: MemoryJob, { transition, input, actor }: Making): boolean {
    return memoryTransitions[transition].guard({ job, input, now: transaction.startedAt, actor });
  }

  private make(transaction: MemoryTransaction, row: MemoryJob, making: Making): Job | undefined {
    if (!this.allows(transaction, row, making)) return undefined;
    const { transition, input, actor } = making;
    const set = memoryTransitions[transition].set({ job: row.job, input, now: transaction.startedAt, actor });
    return this.update(transaction, row, making, set);
  }

  private update(
    transaction: MemoryTransaction,
    row: MemoryJob,
    { transition, actor, note }: Pick<Making, 'transition' | 'actor' | 'note'>,
    set: Partial<Job>,
  ): Job {
    const now = transaction.startedAt;
    const updatedAt = now > row.job.updatedAt ? now : row.job.updatedAt;
    const job: Job = Object.assign(new Job(), row.job, set, { updatedAt, version: row.job.version + 1 });
    assertJobLimits(job);
    transaction.put(this.database.jobs, job.id, { ...row, job });
    this.record(transaction, {
      jobId: job.id,
      action: actionOf(transition),
      actor,
      at: now,
      before: recordedOf(transition, row.job),
      after: recordedOf(transition, job),
      note,
    });
    return copyOf({ job });
  }

  private record(transaction: MemoryTransaction, entry: Omit<JobHistoryEntry, 'id'>): void {
    const id = String(this.database.next('history'));
    transaction.put(this.database.history, id, Object.assign(new JobHistoryEntry(), { id, ...entry }));
  }

  private selected(
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

  private byIds(transaction: MemoryTransaction, ids: readonly string[]): MemoryJob[] {
    return [...new Set(ids)].sort(compareIds).flatMap((id) => transaction.find(this.database.jobs, id) ?? []);
  }

  private ofSubject(
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
}

function actionOf(transition: JobTransitionName): JobHistoryEntry['action'] {
  return jobTransitions[transition].action;
}

/** What is handed out is the caller's to change. */
function copyOf({ job }: Pick<MemoryJob, 'job'>): Job {
  const { metadata, result, candidates, tags } = job;
  const copies = {
    metadata: jsonCopy(metadata),
    result: jsonCopy(result),
    candidates: [...candidates],
    tags: [...tags],
  };
  return Object.assign(new Job(), job, copies);
}

function jsonCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function subjectKey({ tenant, type, targetType, targetId }: JobSubject, key: string): string {
  return JSON.stringify([tenant, type, targetType, targetId, key]);
}

function turnOf({ tenant, type, targetType, targetId }: JobSubject): string {
  return `turn ${JSON.stringify([tenant, type, targetType, targetId])}`;
}
