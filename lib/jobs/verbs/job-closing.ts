import { JobConflictError } from '../../errors/job-conflict.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { Job, JobCloseReason, JobStatus } from '../model/job.js';
import type { JobChange } from '../store/job-store.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { actorOf, idOf, type JobChanges, type JobTransaction, noteOf } from './job-changes.js';
import type {
  ChangedJobs,
  ChangeOptions,
  CompleteOptions,
  JobReference,
  SubjectOptions,
} from './job-options.interface.js';
import { checkJson } from './job-requests.js';

/** How a job is to end. */
interface Ending {
  readonly transition: 'complete' | 'cancel';
  readonly closeReason: JobCloseReason;
  readonly outcome: string | null;
  readonly result?: unknown;
  readonly metadata?: Record<string, unknown>;
}

const STATUS: Readonly<Record<Ending['transition'], JobStatus>> = { complete: 'completed', cancel: 'cancelled' };

/** Completes and cancels jobs, and opens them again. Of several that try at once, one wins. */
export class JobClosing {
  constructor(private readonly changes: JobChanges) {}

  /** Completes a job, or all pending jobs of a type and target. */
  async complete(
    reference: JobReference | JobTypeClass,
    options: CompleteOptions & SubjectOptions,
    closeReason: JobCloseReason = 'done',
  ): Promise<ChangedJobs> {
    return this.changes.within(options, async (transaction) =>
      this.end(transaction, reference, options, await this.completion(transaction, reference, options, closeReason)),
    );
  }

  /**
   * Makes sure that a job is done even if it was not requested yet: completes what is pending, and otherwise lets the next request be
   * born completed.
   */
  async ensureCompleted(type: JobTypeClass | string, options: CompleteOptions & SubjectOptions): Promise<ChangedJobs> {
    const registered = this.changes.types.get(type);
    const subject = this.changes.subjectOf(registered, options);
    return this.changes.within(options, async (transaction) => {
      await this.changes.store.takeTurns(transaction.connection, subject);
      const ending = await this.completion(transaction, registered.target, options, 'done');
      const jobs = await this.change(transaction, { subject, key: null }, options, ending);
      if (jobs.length === 0) {
        const { earlyLimit } = registered.definition;
        const remembered = { reason: ending.closeReason, outcome: ending.outcome, eventId: null };
        await this.changes.store.remember(transaction.connection, subject, remembered, earlyLimit);
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
    const ending: Ending = { transition: 'cancel', closeReason, outcome: null };
    return this.changes.within(options, (transaction) => this.end(transaction, reference, options, ending));
  }

  /** Cancels a job whose type may be skipped. */
  async skip(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.within(options, async (transaction) => {
      const job = await this.changes.current(transaction, reference);
      if (this.changes.types.find(job.type)?.definition.skippable !== true) {
        throw new JobConflictError(
          job.id,
          `is of type ${job.type}, which may not be skipped; declare it skippable or cancel the job.`,
        );
      }
      return this.end(transaction, reference, options, { transition: 'cancel', closeReason: 'skipped', outcome: null });
    });
  }

  /** Opens a closed job again, with its id and history. */
  async reopen(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    const id = idOf(reference);
    try {
      return await this.changes.apply(reference, options, 'reopen');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new JobConflictError(id, 'cannot be reopened: another job of its type, target and key is pending.');
    }
  }

  private async end(
    transaction: JobTransaction,
    reference: JobReference | JobTypeClass,
    options: ChangeOptions & SubjectOptions,
    ending: Ending,
  ): Promise<ChangedJobs> {
    const selector = this.changes.selectorOf(reference, options);
    const jobs = await this.change(transaction, selector, options, ending);
    if (jobs.length > 0 || typeof reference === 'function') return { changed: jobs.length, jobs };
    return { changed: 0, jobs: [await this.alreadyEnded(transaction, reference, ending)] };
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

  /** A job that was closed before: the same end again is no error, another one is. */
  private async alreadyEnded(transaction: JobTransaction, reference: JobReference, ending: Ending): Promise<Job> {
    const job = await this.changes.current(transaction, reference);
    if (job.status === STATUS[ending.transition] && job.outcome === ending.outcome) return job;
    const how = job.outcome === null ? '' : ` with outcome "${job.outcome}"`;
    const asked = ending.outcome === null ? '' : ` with outcome "${ending.outcome}"`;
    throw new JobConflictError(
      job.id,
      `is ${job.status}${how} already and cannot be ${STATUS[ending.transition]}${asked}.`,
    );
  }

  private async completion(
    transaction: JobTransaction,
    reference: JobReference | JobTypeClass,
    { outcome, result, metadata }: CompleteOptions,
    closeReason: JobCloseReason,
  ): Promise<Ending> {
    const type =
      typeof reference === 'function' ? this.changes.types.get(reference) : await this.typeOf(transaction, reference);
    const known = type?.definition.outcomes ?? [];
    if (outcome !== undefined && type !== undefined && !known.includes(outcome)) {
      const remedy = known.length === 0 ? 'it declares none' : `it declares ${known.join(', ')}`;
      throw new JobsError(`outcome: ${JSON.stringify(outcome)} is no outcome of ${type.definition.name}; ${remedy}.`);
    }
    return {
      transition: 'complete',
      closeReason,
      outcome: outcome ?? null,
      ...(result === undefined ? {} : { result: await checkJson('result', result, type?.definition.result) }),
      ...(metadata === undefined ? {} : { metadata: await checkJson('metadata', metadata, undefined) }),
    };
  }

  /** The type of a job; `undefined` when no module provides it any more. */
  private async typeOf(transaction: JobTransaction, reference: JobReference): Promise<RegisteredJobType | undefined> {
    return this.changes.types.find((await this.changes.current(transaction, reference)).type);
  }
}

const UNIQUE_VIOLATION = '23505';

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === UNIQUE_VIOLATION;
}
