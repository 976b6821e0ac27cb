import { JobForbiddenError } from '../../errors/job-forbidden.error.js';
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
import { type ClaimNextOptions, type ClaimOptions, JobClaims } from '../verbs/job-claims.js';
import { idOf, idsOf, type JobChanges, type JobTransaction, keyOf, shownId } from '../verbs/job-changes.js';
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
import { ActorPermissions } from './actor-permissions.js';
import { checkActor, type JobActor, principalsOf } from './job-actor.js';
import type { JobPolicy, JobScope, JobVerb } from './job-policy.js';

type Acting<Options extends Pick<ChangeOptions, 'by'>> = Omit<Options, 'by'>;
type Acted = Required<Pick<ChangeOptions, 'manager' | 'by'>>;

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
  private readonly claims: JobClaims;
  private readonly actor: JobActor;
  private readonly sight: ActorSight;

  /** @internal */
  constructor(
    private readonly jobs: JobsService,
    private readonly changes: JobChanges,
    private readonly reading: JobReading,
    policy: JobPolicy,
    actor: JobActor,
  ) {
    this.actor = checkActor(actor);
    this.sight = new ActorSight(reading, policy, actor);
    this.permissions = new ActorPermissions(policy, actor);
    this.claims = new JobClaims(changes);
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
    readable('history', options);
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
    readable('request', options);
    const acting = { ...options, tenant: options.tenant ?? this.actor.tenant, by: this.actor.id };
    return this.changes.within(options, async ({ manager }) => {
      await this.demandRequest(type, acting);
      const requested = await this.jobs.request<JobTypeClass>(type, { ...acting, manager });
      // What is open may be somebody else's business; that it exists is all the refusal tells.
      if (!requested.created && !(await this.permissions.sees(requested.job))) {
        throw new JobForbiddenError(this.actor.id, 'request');
      }
      return requested;
    });
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
    return this.close('complete', reference, options, (job, acting) => this.jobs.complete(job, acting));
  }

  /** Completes several jobs in one transaction. */
  async completeMany(jobs: readonly JobReference[], options: Acting<CompleteOptions> = {}): Promise<ChangedJobs> {
    readable('completeMany', options);
    return this.changes.within(options, async (transaction) => {
      const known = await this.existing(transaction, jobs);
      for (const job of known) await this.permissions.demand('complete', job);
      return this.jobs.completeMany(known, { ...options, ...this.acted(transaction) });
    });
  }

  /** Cancels one job, or all pending jobs of a type and target that the actor may see. */
  cancel(type: JobTypeClass, options?: Acting<ChangeOptions> & SubjectOptions): Promise<ChangedJobs>;
  cancel(job: JobReference, options?: Acting<ChangeOptions>): Promise<ChangedJobs>;
  async cancel(
    reference: JobReference | JobTypeClass,
    options: Acting<ChangeOptions> & SubjectOptions = {},
  ): Promise<ChangedJobs> {
    return this.close('cancel', reference, options, (job, acting) => this.jobs.cancel(job, acting));
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
   * Claims the most urgent free job within the policy's scope that the actor may see and claim, and that is theirs or one of their roles'
   * to do; `null` when there is none.
   */
  async claimNext(options: Acting<Omit<ClaimNextOptions, 'as' | 'tenant'>> = {}): Promise<Job | null> {
    readable('claimNext', options);
    const scope = await this.permissions.scope();
    const { tenant = scope.tenant, id: by } = this.actor;
    if (scope.tenant !== undefined && tenant !== scope.tenant) return null;
    const { principals = principalsOf(this.actor) } = scope;
    const query = { ...options, by, as: principals, tenant, types: this.typesWithin(scope, options.types) };
    return this.claims.claimNextAllowed(
      query,
      async (job) => (await this.permissions.sees(job)) && (await this.permissions.may('claim', job)),
    );
  }

  /** Gives a job back that the actor has claimed. */
  async release(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('release', job, options, (acting) => this.jobs.release(job, acting));
  }

  async assign(job: JobReference, assignee: Principal, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('assign', job, options, (acting) => this.jobs.assign(job, assignee, acting));
  }

  async unassign(job: JobReference, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('assign', job, options, (acting) => this.jobs.unassign(job, acting));
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

  async tag(job: JobReference, tags: TagChange, options: Acting<ChangeOptions> = {}): Promise<ChangedJobs> {
    return this.act('tag', job, options, (acting) => this.jobs.tag(job, tags, acting));
  }

  async comment(
    job: JobReference,
    text: string,
    options: Acting<Omit<ChangeOptions, 'note'>> = {},
  ): Promise<ChangedJobs> {
    return this.act('comment', job, options, (acting) => this.jobs.comment(job, text, acting));
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

  private async demandRequest(type: JobTypeClass, options: AnyRequest): Promise<void> {
    const checks = new JobChecks('request');
    const { assignee, candidates, priority, tags, key, by, metadata } = options;
    await this.permissions.demand('request', {
      ...this.changes.subjectOf(this.changes.types.get(type), options),
      createdBy: by ?? null,
      metadata: metadata ?? {},
      ...(assignee === undefined ? {} : { assignee }),
      ...(candidates === undefined ? {} : { candidates: checks.principals('candidates', candidates) }),
      ...(priority === undefined ? {} : { priority }),
      ...(tags === undefined ? {} : { tags: checks.tags(tags) }),
      ...(key === undefined ? {} : { key }),
    });
  }

  /** Asks the policy about the job as it is in the transaction that then changes it. */
  private async act<Options extends ChangeOptions>(
    verb: JobVerb,
    reference: JobReference,
    options: Options,
    change: (acting: Options & Acted) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    readable(verb, options);
    return this.changes.within(options, async (transaction) => {
      for (const job of await this.existing(transaction, [reference])) await this.permissions.demand(verb, job);
      return change({ ...options, ...this.acted(transaction) });
    });
  }

  private async close<Options extends ChangeOptions & SubjectOptions>(
    verb: 'complete' | 'cancel',
    reference: JobReference | JobTypeClass,
    options: Options,
    change: (job: JobReference, acting: Omit<Options, keyof SubjectOptions> & Acted) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    if (typeof reference !== 'function')
      return this.act(verb, reference, options, (acting) => change(reference, acting));
    readable(verb, options);
    const { target, key, tenant = this.actor.tenant, ...others } = options;
    const subject = this.changes.subjectOf(this.changes.types.get(reference), { target, key, tenant });
    return this.changes.within(options, async (transaction) => {
      const { store } = this.changes;
      const pending = await store.findPending(transaction.connection, subject, keyOf({ key }) ?? null);
      const closed: Job[] = [];
      for (const { id } of pending) {
        const [job] = await this.visible(transaction, [id]);
        if (job?.status !== 'pending') continue;
        await this.permissions.demand(verb, job);
        closed.push(...(await change(job, { ...others, ...this.acted(transaction) })).jobs);
      }
      return { changed: closed.length, jobs: closed };
    });
  }

  /**
   * The jobs as they are now, kept from being changed by others.
   *
   * @throws JobNotFoundError when there is none of an id, or none the actor may see.
   */
  private async existing(transaction: JobTransaction, references: readonly JobReference[]): Promise<readonly Job[]> {
    const ids = idsOf(new JobChecks('jobs'), 'jobs', references);
    const jobs = await this.visible(transaction, ids);
    const missing = references.find((reference) => !jobs.some(({ id }) => id === idOf(reference)));
    if (missing !== undefined) throw new JobNotFoundError(shownId(missing));
    return jobs;
  }

  private async visible({ connection }: JobTransaction, ids: readonly string[]): Promise<readonly Job[]> {
    await this.changes.store.lock(connection, ids);
    const jobs: Job[] = [];
    for (const job of await this.changes.store.findByIds(connection, ids)) {
      if (await this.permissions.sees(job)) jobs.push(job);
    }
    return jobs;
  }

  private acted({ manager }: JobTransaction): Acted {
    return { manager, by: this.actor.id };
  }

  /** What is asked for, as far as it lies in the scope. */
  private typesWithin({ types }: JobScope, asked: ClaimNextOptions['types']): ClaimNextOptions['types'] {
    if (types === undefined || asked === undefined) return asked ?? types;
    const name = (type: JobTypeClass | string): string =>
      typeof type === 'string' ? type : this.changes.types.get(type).definition.name;
    const allowed = new Set(types.map(name));
    return asked.map(name).filter((type) => allowed.has(type));
  }
}

/** Options are looked at before the policy is asked; what is unknown among them the verb itself refuses. */
function readable(verb: string, options: object): void {
  new JobChecks(verb).record('', options, 'an object of options');
}
