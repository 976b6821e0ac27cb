import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { JobHistoryEntry } from '../../../jobs/model/job-history-entry.js';
import type { Job } from '../../../jobs/model/job.js';
import {
  type HistoryPageRequest,
  type JobChange,
  type JobRequestInput,
  JobStore,
  type JobSubject,
  type JobSweepName,
  type RememberedCompletion,
  type RequestedRecord,
} from '../../../jobs/store/job-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryJob } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compare, compareIds } from '../engine/memory-order.js';
import { copyOfJob } from './copy-of-job.js';
import { MemoryJobRows } from './memory-job-rows.js';
import { type Making, MemoryJobWriter } from './memory-job-writer.js';
import { MemoryRememberedCompletions } from './memory-remembered-completions.js';
import { isWanted, nextJobOrder } from './next-memory-job.js';
import { subjectKey, turnOf } from './subject-key.js';

const SWEEP_BATCH = 500;

/** By which time a sweep goes. */
const SWEEP_ORDERS = {
  expire: 'expiresAt',
  noticeDue: 'dueAt',
  lapse: 'claimExpiresAt',
  wake: 'snoozedUntil',
} as const satisfies Readonly<Record<JobSweepName, keyof Job>>;

/** Reads and writes jobs in memory. */
export class MemoryJobStore extends JobStore {
  private readonly rows: MemoryJobRows;
  private readonly writer: MemoryJobWriter;
  private readonly remembered: MemoryRememberedCompletions;

  constructor(private readonly database: MemoryDatabase) {
    super();
    this.rows = new MemoryJobRows(database);
    this.writer = new MemoryJobWriter(database);
    this.remembered = new MemoryRememberedCompletions(database);
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
      if (open === undefined) {
        const job = this.writer.insert(transaction, input, actor, note);
        return { job, created: true, remembered: this.remembered.take(transaction, job) };
      }
      const row = (await transaction.findForUpdate(this.database.jobs, open.job.id)) ?? open;
      const job = this.writer.repeat(transaction, row, input, actor, note);
      return { job, created: false, remembered: undefined };
    });
  }

  async change(connection: EngineConnection, { selector, ...making }: JobChange): Promise<Job[]> {
    return this.database.run(connection, async (transaction) => {
      const changed: Job[] = [];
      for (const { job } of this.rows.selected(transaction, selector, making.input)) {
        const row = await transaction.findForUpdate(this.database.jobs, job.id);
        const one = row === undefined ? undefined : this.writer.make(transaction, row, making);
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
        .filter((row) => this.writer.allows(transaction, row, making))
        .sort((a, b) => compare(a.job[order] ?? new Date(0), b.job[order] ?? new Date(0)))
        .slice(0, SWEEP_BATCH);
      return due
        .flatMap(({ job }) => {
          const row = transaction.findUnlocked(this.database.jobs, job.id);
          return (row === undefined ? undefined : this.writer.make(transaction, row, making)) ?? [];
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
        if (row !== undefined) return copyOfJob(row);
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
    return this.database.run(connection, (transaction) => this.rows.byIds(transaction, ids).map(copyOfJob));
  }

  async findPending(connection: EngineConnection, subject: JobSubject, key: string | null): Promise<Job[]> {
    return this.database.run(connection, (transaction) =>
      this.rows
        .ofSubject(transaction, subject, key)
        .filter(({ job }) => job.status === 'pending')
        .map(copyOfJob),
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
    subject: JobSubject,
    completion: RememberedCompletion,
    limit: number,
    key = '',
  ): Promise<void> {
    await this.database.run(connection, (transaction) =>
      this.remembered.put(transaction, subject, key, completion, limit),
    );
  }

  async unremember(connection: EngineConnection, subject: JobSubject, key: string): Promise<void> {
    await this.database.run(connection, (transaction) => this.remembered.drop(transaction, subject, key));
  }

  async forget(connection: EngineConnection): Promise<void> {
    await this.database.run(connection, (transaction) => this.remembered.dropOld(transaction));
  }

  async findEver(connection: EngineConnection, subject: JobSubject, key: string): Promise<Job | undefined> {
    return this.database.run(connection, (transaction) => {
      const [first] = this.rows
        .ofSubject(transaction, subject, key)
        .sort(
          (a, b) =>
            Number(b.job.status === 'pending') - Number(a.job.status === 'pending') || compareIds(b.job.id, a.job.id),
        );
      return first === undefined ? undefined : copyOfJob(first);
    });
  }

  /** Which job a request repeats. */
  private repeatedBy(transaction: MemoryTransaction, input: JobRequestInput): MemoryJob | undefined {
    if (input.uniqueness === 'none') return undefined;
    const rows = this.rows.ofSubject(transaction, input, input.key);
    const open = rows.find(({ job, uniqueness }) => job.status === 'pending' && uniqueness !== 'none');
    return input.uniqueness === 'ever' ? (rows.find(({ uniqueness }) => uniqueness === 'ever') ?? open) : open;
  }
}
