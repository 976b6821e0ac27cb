import { JobForbiddenError } from '../../errors/job-forbidden.error.js';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { JobsService } from '../jobs.service.js';
import type { Job } from '../model/job.js';
import type { Principal } from '../model/principal.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { ClaimNextOptions, ClaimOptions } from '../verbs/job-claims.js';
import { idOf, type JobChanges } from '../verbs/job-changes.js';
import type {
  ChangedJobs,
  ChangeOptions,
  CompleteOptions,
  JobReference,
  RequestedJob,
  RequestOptions,
} from '../verbs/job-options.interface.js';
import { type JobActor, principalsOf } from './job-actor.js';
import type { JobPolicy, JobVerb } from './job-policy.js';

type Acting<Options extends ChangeOptions> = Omit<Options, 'by'>;

/**
 * The verbs of `JobsService` for one actor: each asks the policy about the job as it is in that transaction, and is done in the actor's
 * name. A job the actor may not see is not found.
 *
 * @publicApi
 */
export class ActorJobs {
  /** @internal */
  constructor(
    private readonly jobs: JobsService,
    private readonly changes: JobChanges,
    private readonly policy: JobPolicy,
    private readonly actor: JobActor,
  ) {}

  /**
   * The job of an id.
   *
   * @throws JobNotFoundError when there is none, or none the actor may see.
   */
  async get(id: string, options: Pick<ChangeOptions, 'manager'> = {}): Promise<Job> {
    return this.changes.within(options, async (transaction) =>
      this.visible(await this.changes.current(transaction, id)),
    );
  }

  /** @throws JobForbiddenError */
  async request<Type extends JobTypeClass>(
    type: Type,
    options: Acting<RequestOptions<Type>> = {},
  ): Promise<RequestedJob<Type>> {
    const tenant = this.actor.tenant ?? options.tenant;
    const subject = this.changes.subjectOf(this.changes.types.get(type), { ...options, tenant });
    if (!(await this.policy.can(this.actor, 'request', subject))) throw new JobForbiddenError(this.actor.id, 'request');
    return this.jobs.request(type, { ...options, tenant, by: this.actor.id } as RequestOptions<Type>);
  }

  async complete(job: JobReference, options: Acting<CompleteOptions> = {}): Promise<ChangedJobs> {
    return this.act('complete', job, options, (acting) => this.jobs.complete(job, acting));
  }

  async cancel(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('cancel', job, options, (acting) => this.jobs.cancel(job, acting));
  }

  async skip(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('skip', job, options, (acting) => this.jobs.skip(job, acting));
  }

  async decline(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('decline', job, options, (acting) => this.jobs.decline(job, acting));
  }

  async reopen(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('reopen', job, options, (acting) => this.jobs.reopen(job, acting));
  }

  async claim(job: JobReference, options: Acting<ClaimOptions> = {}): Promise<ChangedJobs> {
    return this.act('claim', job, options, (acting) => this.jobs.claim(job, acting));
  }

  /**
   * Claims the most urgent free job the actor or one of their roles is a candidate for; `null` when there is none.
   *
   * @throws JobForbiddenError when the policy does not let the actor claim the job that is next.
   */
  async claimNext(options: Acting<Omit<ClaimNextOptions, 'as' | 'tenant'>> = {}): Promise<Job | null> {
    const { id, tenant } = this.actor;
    return this.changes.within(options, async ({ manager }) => {
      const job = await this.jobs.claimNext({ ...options, manager, by: id, as: principalsOf(this.actor), tenant });
      if (job !== null && !(await this.policy.can(this.actor, 'claim', job))) throw new JobForbiddenError(id, 'claim');
      return job;
    });
  }

  /** Gives a job back that the actor has claimed. */
  async release(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('release', job, options, (acting) => this.jobs.release(job, acting));
  }

  async assign(
    job: JobReference,
    assignee: Principal | null,
    options: Acting<ChangeOptions> = {},
  ): Promise<ChangedJobs> {
    return this.act('assign', job, options, (acting) =>
      assignee === null ? this.jobs.unassign(job, acting) : this.jobs.assign(job, assignee, acting),
    );
  }

  async transfer(
    job: JobReference,
    candidates: readonly Principal[],
    options: Acting<ChangeOptions> = {},
  ): Promise<ChangedJobs> {
    return this.act('transfer', job, options, (acting) => this.jobs.transfer(job, candidates, acting));
  }

  async start(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('start', job, options, (acting) => this.jobs.start(job, acting));
  }

  async snooze(job: JobReference, until: Date | Duration, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('snooze', job, options, (acting) => this.jobs.snooze(job, until, acting));
  }

  async wait(job: JobReference, on: string, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('wait', job, options, (acting) => this.jobs.wait(job, on, acting));
  }

  async resume(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('resume', job, options, (acting) => this.jobs.resume(job, acting));
  }

  async setDue(job: JobReference, at: Date | null, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('setDue', job, options, (acting) => this.jobs.setDue(job, at, acting));
  }

  async setExpiry(job: JobReference, at: Date | null, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('setExpiry', job, options, (acting) => this.jobs.setExpiry(job, at, acting));
  }

  async setPriority(job: JobReference, priority: number, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('setPriority', job, options, (acting) => this.jobs.setPriority(job, priority, acting));
  }

  async tag(
    job: JobReference,
    tags: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    options: Acting<ChangeOptions> = {},
  ): Promise<ChangedJobs> {
    return this.act('tag', job, options, (acting) => this.jobs.tag(job, tags, acting));
  }

  async comment(
    job: JobReference,
    text: string,
    options: Acting<Omit<ChangeOptions, 'note'>> = {},
  ): Promise<ChangedJobs> {
    return this.act('comment', job, options, (acting) => this.jobs.comment(job, text, acting));
  }

  /** Asks the policy about the job as it is in the transaction that then changes it. */
  private async act<Options extends ChangeOptions>(
    verb: JobVerb,
    reference: JobReference,
    options: Options,
    change: (acting: Options & Required<Pick<ChangeOptions, 'manager' | 'by'>>) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    return this.changes.within(options, async (transaction) => {
      await this.changes.store.lock(transaction.connection, idOf(reference));
      const job = await this.visible(await this.changes.current(transaction, reference));
      if (!(await this.policy.can(this.actor, verb, job))) throw new JobForbiddenError(this.actor.id, verb);
      return change({ ...options, manager: transaction.manager, by: this.actor.id });
    });
  }

  private async visible(job: Job): Promise<Job> {
    const { tenant } = this.actor;
    const inTenant = tenant === undefined || job.tenant === tenant;
    if (inTenant && (await this.policy.can(this.actor, 'view', job))) return job;
    throw new JobNotFoundError(job.id);
  }
}
