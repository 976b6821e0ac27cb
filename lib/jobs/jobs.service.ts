import { Injectable } from '@nestjs/common';
import type { Duration } from '../options/jobs-module-options.interface.js';
import type { BulkOptions, BulkResult, JobOperation } from './bulk/bulk-options.interface.js';
import { JobBulk } from './bulk/job-bulk.js';
import type { Job } from './model/job.js';
import type { Principal } from './model/principal.js';
import { ActorJobs } from './policy/actor-jobs.js';
import type { JobActor } from './policy/job-actor.js';
import type { JobPolicy } from './policy/job-policy.js';
import type { JobFilter } from './queries/job-filter.interface.js';
import type { JobList, JobReading } from './queries/job-reading.js';
import type { JobTypeClass, MetadataOf, ResultOf } from './types/job-type-class.js';
import { JobAttributes, type TagChange } from './verbs/job-attributes.js';
import { type ClaimNextOptions, type ClaimOptions, JobClaims } from './verbs/job-claims.js';
import type { JobChanges } from './verbs/job-changes.js';
import { JobClosing } from './verbs/job-closing.js';
import { JobHistory, type JobHistoryOptions, type JobHistoryPage } from './verbs/job-history.js';
import { JobLookup } from './verbs/job-lookup.js';
import type {
  AnyCompletion,
  AnyRequest,
  ChangedJobs,
  ChangeOptions,
  CompleteArguments,
  CompleteOptions,
  JobReference,
  RequestArguments,
  RequestedJob,
  RequestManyOptions,
  Requests,
  SubjectOptions,
} from './verbs/job-options.interface.js';
import { JobRequests } from './verbs/job-requests.js';

/**
 * Requests jobs and says what becomes of them. Each verb joins the transaction of `manager`, or makes one of its own, and leaves a row
 * of history and a reliable event in it.
 *
 * This service is the application itself and may do everything; what people do goes through {@link JobsService.as}.
 *
 * @publicApi
 */
@Injectable()
export class JobsService {
  private readonly requests: JobRequests;
  private readonly closing: JobClosing;
  private readonly claims: JobClaims;
  private readonly attributes: JobAttributes;
  private readonly lookup: JobLookup;
  private readonly records: JobHistory;

  constructor(
    private readonly changes: JobChanges,
    private readonly reading: JobReading,
    private readonly policy: () => JobPolicy,
  ) {
    this.requests = new JobRequests(changes);
    this.closing = new JobClosing(changes);
    this.claims = new JobClaims(changes);
    this.attributes = new JobAttributes(changes);
    this.lookup = new JobLookup(changes);
    this.records = new JobHistory(changes);
  }

  /** The same verbs for one actor, within the policy: what it does not allow is refused. */
  as(actor: JobActor): ActorJobs {
    return new ActorJobs(this, this.changes, this.reading, this.policy(), actor);
  }

  /**
   * Requests a job. While one of its tenant, type, target and key is open, asking again returns that one and counts.
   *
   * @throws UnknownJobTypeError when no module provides the type.
   */
  request<Type extends JobTypeClass>(type: Type, ...options: RequestArguments<Type>): Promise<RequestedJob<Type>>;
  async request(type: JobTypeClass | string, options: AnyRequest = {}): Promise<RequestedJob> {
    return this.requests.request(type, options);
  }

  /** Requests several jobs in one transaction, whatever order others request them in. */
  requestMany<const Types extends readonly JobTypeClass[]>(
    requests: Requests<Types>,
    options?: RequestManyOptions,
  ): Promise<{ readonly [Index in keyof Types]: RequestedJob<Types[Index]> }>;
  async requestMany(
    requests: readonly (Omit<AnyRequest, 'manager'> & { readonly type: JobTypeClass })[],
    options: RequestManyOptions = {},
  ): Promise<readonly RequestedJob[]> {
    return this.requests.requestMany(requests, options);
  }

  /**
   * Requests a job for a handled exception, in a short transaction of its own that outlives the one about to roll back.
   *
   * It has a connection of its own, beside the pool, and does not queue behind open transactions: an open job that one of them holds is
   * returned as it is, without counting, and while one of them requests the job and is not committed, it is requested beside that.
   */
  raise<Type extends JobTypeClass>(
    type: Type,
    ...options: RequestArguments<Type, 'manager'>
  ): Promise<RequestedJob<Type>>;
  async raise(type: JobTypeClass, options: Omit<AnyRequest, 'manager'> = {}): Promise<RequestedJob> {
    return this.requests.raise(type, options);
  }

  /**
   * Completes one job, or all pending jobs of a type and target. No match is a result that says 0.
   *
   * @throws JobConflictError when that job was closed with another outcome.
   */
  complete<Type extends JobTypeClass>(type: Type, ...options: CompleteArguments<Type>): Promise<ChangedJobs<Type>>;
  complete(job: JobReference, options?: CompleteOptions): Promise<ChangedJobs>;
  async complete(reference: JobReference | JobTypeClass, options: AnyCompletion = {}): Promise<ChangedJobs> {
    return this.closing.complete(reference, options);
  }

  /** Completes several jobs in one transaction. */
  async completeMany(jobs: readonly JobReference[], options: CompleteOptions = {}): Promise<ChangedJobs> {
    return this.closing.completeMany(jobs, options);
  }

  /**
   * Says that something is done, whether or not it was requested yet.
   *
   * It and a request of the same that runs at the same time wait for each other and see what the other did. A REPEATABLE READ transaction
   * that began before the other ended cannot see it: there call it first, or in a READ COMMITTED transaction.
   */
  ensureCompleted<Type extends JobTypeClass>(
    type: Type,
    ...options: CompleteArguments<Type>
  ): Promise<ChangedJobs<Type>>;
  async ensureCompleted(type: JobTypeClass, options: AnyCompletion = {}): Promise<ChangedJobs> {
    return this.closing.ensureCompleted(type, options);
  }

  /**
   * Cancels one job, or all pending jobs of a type and target.
   *
   * @throws JobConflictError when that job was completed.
   */
  cancel(type: JobTypeClass, options?: ChangeOptions & SubjectOptions): Promise<ChangedJobs>;
  cancel(job: JobReference, options?: ChangeOptions): Promise<ChangedJobs>;
  async cancel(
    reference: JobReference | JobTypeClass,
    options: ChangeOptions & SubjectOptions = {},
  ): Promise<ChangedJobs> {
    return this.closing.cancel(reference, options);
  }

  /**
   * Cancels a job because it need not be done.
   *
   * @throws JobConflictError when its type may not be skipped.
   */
  async skip(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.closing.skip(job, options);
  }

  /** Cancels a job because whoever was to do it will not. */
  async decline(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.closing.cancel(job, options, 'declined');
  }

  /**
   * Opens a closed job again.
   *
   * @throws JobConflictError when another one of its matter is pending.
   */
  async reopen(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.closing.reopen(job, options);
  }

  /** Claims a job for one principal. It changes nothing when somebody else has it. */
  async claim(job: JobReference, options: ClaimOptions): Promise<ChangedJobs> {
    return this.claims.claim(job, options);
  }

  /** Claims the most urgent free job the claimer is a candidate for; `null` when there is none. Two callers never get the same. */
  async claimNext(options: ClaimNextOptions): Promise<Job | null> {
    return this.claims.claimNext(options);
  }

  /** Gives a claimed job back; with `by` only when it is theirs. */
  async release(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.claims.release(job, options);
  }

  async assign(job: JobReference, assignee: Principal, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.claims.assign(job, assignee, options);
  }

  async unassign(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.claims.assign(job, null, options);
  }

  /** Hands a job to other candidates. */
  async transfer(
    job: JobReference,
    candidates: readonly Principal[],
    options: ChangeOptions = {},
  ): Promise<ChangedJobs> {
    return this.claims.transfer(job, candidates, options);
  }

  async start(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.start(job, options);
  }

  /** Puts a job out of sight until a moment, or for a while. */
  async snooze(job: JobReference, until: Date | Duration, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.snooze(job, until, options);
  }

  /** Notes what a job waits for. */
  async wait(job: JobReference, on: string, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.wait(job, on, options);
  }

  /** Ends a snooze or a wait. */
  async resume(job: JobReference, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.resume(job, options);
  }

  async setDue(job: JobReference, at: Date | null, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.setDue(job, at, options);
  }

  async setExpiry(job: JobReference, at: Date | null, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.setExpiry(job, at, options);
  }

  /** @param priority from -100 to 100; higher is more urgent. */
  async setPriority(job: JobReference, priority: number, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.setPriority(job, priority, options);
  }

  async tag(job: JobReference, tags: TagChange, options: ChangeOptions = {}): Promise<ChangedJobs> {
    return this.attributes.tag(job, tags, options);
  }

  /** Adds a comment to a job's history, closed or not. */
  async comment(job: JobReference, text: string, options: Omit<ChangeOptions, 'note'> = {}): Promise<ChangedJobs> {
    return this.attributes.comment(job, text, options);
  }

  /**
   * Does one thing with many jobs, each in a transaction of its own: one that fails is told with its error and keeps no other back.
   *
   * @param jobs a list of jobs or ids, or a filter; a job that does not meet the filter any more when its turn comes is left as it is.
   * @throws InvalidOptionError, UnknownOptionError naming the option, before anything is done.
   */
  async bulk(
    operation: JobOperation,
    jobs: readonly JobReference[] | JobFilter,
    options: BulkOptions = {},
  ): Promise<BulkResult> {
    const find = (list: JobList): AsyncIterable<Job> => this.reading.all(list, {});
    return new JobBulk(this.reading, { jobs: this, find }).run(operation, jobs, options);
  }

  /** The job of an id; `null` when there is none. */
  async find(id: string, options: Pick<ChangeOptions, 'manager'> = {}): Promise<Job | null> {
    return this.lookup.find(id, options);
  }

  /** The pending jobs of a type and target. */
  findPending<Type extends JobTypeClass>(
    type: Type,
    options?: SubjectOptions & Pick<ChangeOptions, 'manager'>,
  ): Promise<Job<MetadataOf<Type>, ResultOf<Type>>[]>;
  async findPending(type: JobTypeClass, options: SubjectOptions & Pick<ChangeOptions, 'manager'> = {}): Promise<Job[]> {
    return this.lookup.findPending(type, options);
  }

  /**
   * One page of what happened to a job.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async history(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    return this.records.read('history', job, options);
  }

  /** The entity a job is about; `null` when it is gone. */
  async resolveTarget(job: Job, options: Pick<ChangeOptions, 'manager'> = {}): Promise<object | null> {
    return this.lookup.resolveTarget(job, options);
  }

  /** The entities several jobs are about, by job id and with one query an entity; `null` for those that are gone. */
  async resolveTargets(
    jobs: readonly Job[],
    options: Pick<ChangeOptions, 'manager'> = {},
  ): Promise<Map<string, object | null>> {
    return this.lookup.resolveTargets(jobs, options);
  }
}
