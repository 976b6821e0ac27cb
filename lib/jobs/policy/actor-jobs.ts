import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { BulkOptions, BulkResult, JobOperation } from '../bulk/bulk-options.interface.js';
import { JobBulk } from '../bulk/job-bulk.js';
import type { JobsService } from '../jobs.service.js';
import type { Job } from '../model/job.js';
import type { Principal } from '../model/principal.js';
import { ActorSight } from '../queries/actor-sight.js';
import type { JobFilter } from '../queries/job-filter.interface.js';
import type { JobList, JobReading } from '../queries/job-reading.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { TagChange } from '../verbs/job-attributes.js';
import type { ClaimNextOptions, ClaimOptions } from '../verbs/job-claims.js';
import { type JobChanges, shownId } from '../verbs/job-changes.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { JobHistoryOptions, JobHistoryPage } from '../verbs/job-history.js';
import type {
  AnyRequest,
  ChangedJobs,
  ChangeOptions,
  CompleteArguments,
  CompleteOptions,
  JobReference,
  RequestArguments,
  RequestedJob,
  SubjectOptions,
} from '../verbs/job-options.interface.js';
import { ActorClaims } from './actor-claims.js';
import { ActorPermissions } from './actor-permissions.js';
import { checkReadable } from './check-readable.js';
import { checkActor, type JobActor } from './job-actor.js';
import type { JobPolicy } from './job-policy.js';
import { PermittedChanges } from './permitted-changes.js';

type Acting<Options extends Pick<ChangeOptions, 'by'>> = Omit<Options, 'by'>;

/**
 * The verbs of `JobsService` for one actor: each asks the policy about the job as it is in that transaction, and is done in the actor's
 * name. A job the actor may not see is not found.
 *
 * What an application says of itself is not among them: `raise` and `ensureCompleted`.
 *
 * @publicApi
 */
export class ActorJobs {
  private readonly permissions: ActorPermissions;
  private readonly permitted: PermittedChanges;
  private readonly claims: ActorClaims;
  private readonly actor: JobActor;
  private readonly sight: ActorSight;

  /** @internal */
  constructor(
    private readonly jobs: JobsService,
    changes: JobChanges,
    private readonly reading: JobReading,
    policy: JobPolicy,
    actor: JobActor,
  ) {
    this.actor = checkActor(actor);
    this.sight = new ActorSight(reading, policy, actor);
    this.permissions = new ActorPermissions(policy, actor);
    this.permitted = new PermittedChanges(changes, this.permissions, this.actor);
    this.claims = new ActorClaims(changes, this.permissions, this.actor);
  }

  /**
   * The job of an id.
   *
   * @throws JobNotFoundError when there is none, or none the actor may see.
   */
  async get(id: string, options: Pick<ChangeOptions, 'manager'> = {}): Promise<Job> {
    const job = await this.jobs.find(id, options);
    if (job !== null && (await this.permissions.sees(job))) return job;
    throw new JobNotFoundError(shownId(id));
  }

  /**
   * One page of a job's history.
   *
   * @throws JobNotFoundError when there is no such job, or none the actor may see.
   */
  async history(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    checkReadable('history', options);
    await this.get(shownId(job), { manager: options.manager });
    return this.jobs.history(job, options);
  }

  /**
   * Requests a job in the actor's tenant.
   *
   * @throws JobForbiddenError when the policy does not let the actor request it, or it repeats a job they may not see.
   */
  request<Type extends JobTypeClass>(type: Type, ...options: RequestArguments<Type, 'by'>): Promise<RequestedJob<Type>>;
  async request(type: JobTypeClass, options: Acting<AnyRequest> = {}): Promise<RequestedJob> {
    return this.permitted.request(type, options, (acting) => this.jobs.request<JobTypeClass>(type, acting));
  }

  /** Completes one job, or all pending jobs of a type and target that the actor may see. */
  complete<Type extends JobTypeClass>(
    type: Type,
    ...options: CompleteArguments<Type, 'by'>
  ): Promise<ChangedJobs<Type>>;
  complete(job: JobReference, options?: Acting<CompleteOptions>): Promise<ChangedJobs>;
  async complete(
    reference: JobReference | JobTypeClass,
    options: Acting<CompleteOptions> & SubjectOptions = {},
  ): Promise<ChangedJobs> {
    return this.permitted.matching('complete', reference, options, (job, acting) => this.jobs.complete(job, acting));
  }

  /** Completes several jobs in one transaction. */
  async completeMany(jobs: readonly JobReference[], options: Acting<CompleteOptions> = {}): Promise<ChangedJobs> {
    checkReadable('completeMany', options);
    return this.permitted.all('complete', jobs, options, (known, acting) => this.jobs.completeMany(known, acting));
  }

  /** Cancels one job, or all pending jobs of a type and target that the actor may see. */
  cancel(type: JobTypeClass, options?: Acting<ChangeOptions> & SubjectOptions): Promise<ChangedJobs>;
  cancel(job: JobReference, options?: Acting<ChangeOptions>): Promise<ChangedJobs>;
  async cancel(
    reference: JobReference | JobTypeClass,
    options: Acting<ChangeOptions> & SubjectOptions = {},
  ): Promise<ChangedJobs> {
    return this.permitted.matching('cancel', reference, options, (job, acting) => this.jobs.cancel(job, acting));
  }

  async skip(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('skip', job, options, (acting) => this.jobs.skip(job, acting));
  }

  async decline(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('decline', job, options, (acting) => this.jobs.decline(job, acting));
  }

  async reopen(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('reopen', job, options, (acting) => this.jobs.reopen(job, acting));
  }

  async claim(job: JobReference, options: Acting<ClaimOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('claim', job, options, (acting) => this.jobs.claim(job, acting));
  }

  /**
   * Claims the most urgent free job within the policy's scope that the actor may see and claim, and that is theirs or one of their roles'
   * to do; `null` when there is none.
   */
  async claimNext(options: Acting<Omit<ClaimNextOptions, 'as' | 'tenant'>> = {}): Promise<Job | null> {
    return this.claims.claimNext(options);
  }

  /** Gives a job back that the actor has claimed. */
  async release(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('release', job, options, (acting) => this.jobs.release(job, acting));
  }

  async assign(job: JobReference, assignee: Principal, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('assign', job, options, (acting) => this.jobs.assign(job, assignee, acting));
  }

  async unassign(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('assign', job, options, (acting) => this.jobs.unassign(job, acting));
  }

  async transfer(
    job: JobReference,
    candidates: readonly Principal[],
    options: Acting<ChangeOptions> = {},
  ): Promise<ChangedJobs> {
    return this.permitted.one('transfer', job, options, (acting) => this.jobs.transfer(job, candidates, acting));
  }

  async start(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('start', job, options, (acting) => this.jobs.start(job, acting));
  }

  async snooze(job: JobReference, until: Date | Duration, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('snooze', job, options, (acting) => this.jobs.snooze(job, until, acting));
  }

  async wait(job: JobReference, on: string, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('wait', job, options, (acting) => this.jobs.wait(job, on, acting));
  }

  async resume(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('resume', job, options, (acting) => this.jobs.resume(job, acting));
  }

  async setDue(job: JobReference, at: Date | null, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('setDue', job, options, (acting) => this.jobs.setDue(job, at, acting));
  }

  async setExpiry(job: JobReference, at: Date | null, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('setExpiry', job, options, (acting) => this.jobs.setExpiry(job, at, acting));
  }

  async setPriority(job: JobReference, priority: number, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('setPriority', job, options, (acting) => this.jobs.setPriority(job, priority, acting));
  }

  async tag(job: JobReference, tags: TagChange, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.permitted.one('tag', job, options, (acting) => this.jobs.tag(job, tags, acting));
  }

  async comment(
    job: JobReference,
    text: string,
    options: Acting<Omit<ChangeOptions, 'note'>> = {},
  ): Promise<ChangedJobs> {
    return this.permitted.one('comment', job, options, (acting) => this.jobs.comment(job, text, acting));
  }

  /**
   * Does one thing with many jobs, each in a transaction of its own and only if the policy allows it: one that fails, is forbidden or not
   * to be seen is told with its error and keeps no other back. A filter finds what the actor may see.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option, before anything is done.
   */
  async bulk(
    operation: JobOperation,
    jobs: readonly JobReference[] | JobFilter,
    options: Acting<BulkOptions> = {},
  ): Promise<BulkResult> {
    new JobChecks('bulk').object('', options, ['note', 'dryRun', 'limit', 'onProgress', 'signal']);
    const find = (list: JobList): AsyncIterable<Job> => this.sight.visible(list);
    return new JobBulk(this.reading, { jobs: this, find }).run(operation, jobs, options);
  }
}
