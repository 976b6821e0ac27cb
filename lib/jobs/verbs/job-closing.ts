import { JobConflictError } from '../../errors/job-conflict.error.js';
import type { Job, JobCloseReason } from '../model/job.js';
import type { JobChange } from '../store/job-store.port.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { actorOf, idsOf, type JobChanges, type JobTransaction, keyOf, noteOf } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import { completion, type Ending, sameEnd } from './job-ending.js';
import { CHANGE_OPTIONS, SUBJECT_OPTIONS } from './job-option-names.js';
import type {
  AnyCompletion,
  ChangedJobs,
  ChangeOptions,
  CompleteOptions,
  JobReference,
  SubjectOptions,
} from './job-options.interface.js';

const COMPLETE_OPTIONS = [
  ...CHANGE_OPTIONS,
  'outcome',
  'result',
  'metadata',
] as const satisfies readonly (keyof CompleteOptions)[];

/** Completes and cancels jobs, and opens them again. Of several that try at once, one wins. */
export class JobClosing {
  constructor(private readonly changes: JobChanges) {}

  /** Completes a job, or all pending jobs of a type and target. */
  async complete(
    reference: JobReference | JobTypeClass,
    options: AnyCompletion,
    closeReason: JobCloseReason = 'done',
  ): Promise<ChangedJobs> {
    checkOptions('complete', reference, options, COMPLETE_OPTIONS);
    return this.changes.within(options, async (transaction) => {
      const type = await this.typeOf(transaction, reference);
      return this.end(transaction, reference, options, await completion(type, options, closeReason));
    });
  }

  /** Completes several jobs in one transaction. */
  async completeMany(references: readonly JobReference[], options: CompleteOptions): Promise<ChangedJobs> {
    return this.changes.within(options, async ({ manager }) => {
      const changed: ChangedJobs['jobs'][number][] = [];
      for (const id of inOrder(idsOf(new JobChecks('completeMany'), 'jobs', references))) {
        const result = await this.complete(id, { ...options, manager });
        if (result.changed > 0) changed.push(...result.jobs);
      }
      return { changed: changed.length, jobs: changed };
    });
  }

  /**
   * Makes sure that a job is done even if it was not requested yet: completes what is pending, and otherwise lets the next request be
   * born completed.
   */
  async ensureCompleted(type: JobTypeClass | string, options: AnyCompletion): Promise<ChangedJobs> {
    new JobChecks('ensureCompleted').options(options, [...COMPLETE_OPTIONS, ...SUBJECT_OPTIONS]);
    const { store } = this.changes;
    const registered = this.changes.types.get(type);
    const subject = this.changes.subjectOf(registered, options);
    const key = keyOf(options);
    const ending = await completion(registered, options, 'done');
    return this.changes.within(options, async (transaction) => {
      await store.takeTurns(transaction.connection, subject);
      const jobs = await this.change(transaction, { subject, key: key ?? null }, options, ending);
      if (jobs.length === 0) {
        const { transition: _, closeReason: reason, ...rest } = ending;
        const remembered = { ...rest, reason, eventId: null, actor: actorOf(options) };
        await store.remember(transaction.connection, subject, remembered, registered.definition.earlyLimit, key);
      }
      return { changed: jobs.length, jobs };
    });
  }

  /** Cancels a job, or all pending jobs of a type and target. */
  async cancel(
    reference: JobReference | JobTypeClass,
    options: ChangeOptions & SubjectOptions,
    closeReason: JobCloseReason = 'cancelled',
  ): Promise<ChangedJobs> {
    checkOptions(closeReason === 'declined' ? 'decline' : 'cancel', reference, options, CHANGE_OPTIONS);
    const ending: Ending = { transition: 'cancel', closeReason, outcome: null };
    return this.changes.within(options, (transaction) => this.end(transaction, reference, options, ending));
  }

  /** Cancels a job whose type may be skipped. */
  async skip(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    checkOptions('skip', reference, options, CHANGE_OPTIONS);
    return this.changes.within(options, async (transaction) => {
      const job = await this.changes.find(transaction.connection, reference);
      if (job === undefined) return { changed: 0, jobs: [] };
      if (this.changes.types.find(job.type)?.definition.skippable !== true) {
        throw new JobConflictError(
          job.id,
          `is of type ${job.type}, which may not be skipped; declare it skippable or cancel the job.`,
        );
      }
      return this.end(transaction, reference, options, { transition: 'cancel', closeReason: 'skipped', outcome: null });
    });
  }

  /** Opens a closed job again, with its id and history. What was remembered for the next request is forgotten: it is still to be done. */
  async reopen(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    checkOptions('reopen', reference, options, CHANGE_OPTIONS);
    const { store } = this.changes;
    return this.changes.within(options, async (transaction) => {
      const { connection } = transaction;
      const job = await this.changes.find(connection, reference);
      if (job === undefined) return { changed: 0, jobs: [] };
      await store.takeTurns(connection, job);
      const pending = await store.findPending(connection, job, job.key);
      if (pending.some(({ id }) => id === job.id)) return { changed: 0, jobs: [job] };
      if (pending.length > 0) {
        throw new JobConflictError(
          job.id,
          `cannot be reopened: job ${pending[0]?.id ?? ''} of its type, target and key is pending.`,
        );
      }
      await store.unremember(connection, job, job.key);
      const jobs = await this.changes.change(transaction, {
        transition: 'reopen',
        selector: { ids: [job.id] },
        actor: actorOf(options),
        input: {},
        note: noteOf(options),
      });
      return { changed: jobs.length, jobs };
    });
  }

  private async end(
    transaction: JobTransaction,
    reference: JobReference | JobTypeClass,
    options: ChangeOptions & SubjectOptions,
    ending: Ending,
  ): Promise<ChangedJobs> {
    const selector = this.changes.selectorOf(reference, options);
    for (;;) {
      const jobs = await this.change(transaction, selector, options, ending);
      if (jobs.length > 0 || typeof reference === 'function') return { changed: jobs.length, jobs };
      const job = await this.changes.find(transaction.connection, reference);
      if (job === undefined) return { changed: 0, jobs: [] };
      // Reopened between the two statements, it is there to be closed after all.
      if (job.status !== 'pending') return { changed: 0, jobs: [sameEnd(job, ending)] };
    }
  }

  private async change(
    transaction: JobTransaction,
    selector: JobChange['selector'],
    options: ChangeOptions,
    { transition, ...input }: Ending,
  ): Promise<Job[]> {
    return this.changes.change(transaction, {
      transition,
      selector,
      actor: actorOf(options),
      input: { ...input },
      note: noteOf(options),
    });
  }

  /** The type of a job; `undefined` when there is no such job, or no module provides its type any more. */
  private async typeOf(
    { connection }: JobTransaction,
    reference: JobReference | JobTypeClass,
  ): Promise<RegisteredJobType | undefined> {
    if (typeof reference === 'function') return this.changes.types.get(reference);
    const job = await this.changes.find(connection, reference);
    return job === undefined ? undefined : this.changes.types.find(job.type);
  }
}

function checkOptions(
  verb: string,
  reference: JobReference | JobTypeClass,
  options: object,
  known: readonly string[],
): void {
  new JobChecks(verb).options(options, typeof reference === 'function' ? [...known, ...SUBJECT_OPTIONS] : known);
}

/** Callers that name the same jobs in different orders must not wait for each other in a circle. */
function inOrder(ids: readonly string[]): string[] {
  return [...ids].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}
