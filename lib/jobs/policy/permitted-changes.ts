import { JobForbiddenError } from '../../errors/job-forbidden.error.js';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import type { Job } from '../model/job.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { idOf, idsOf, type JobChanges, type JobTransaction, keyOf, shownId } from '../verbs/job-changes.js';
import { JobChecks } from '../verbs/job-checks.js';
import type {
  AnyRequest,
  ChangedJobs,
  ChangeOptions,
  JobReference,
  RequestedJob,
  SubjectOptions,
} from '../verbs/job-options.interface.js';
import type { ActorPermissions } from './actor-permissions.js';
import { checkReadable } from './check-readable.js';
import type { JobActor } from './job-actor.js';
import type { JobVerb } from './job-policy.js';

/** In whose name, and in which transaction, something is done. */
type Acted = Required<Pick<ChangeOptions, 'manager' | 'by'>>;

/**
 * Changes that one actor asks for: the policy is asked about each job as it is in the transaction that then changes it, and what the
 * actor may not see is not found.
 */
export class PermittedChanges {
  constructor(
    private readonly changes: JobChanges,
    private readonly permissions: ActorPermissions,
    private readonly actor: JobActor,
  ) {}

  /** @throws JobForbiddenError when the actor may not request it, or it repeats a job they may not see. */
  async request(
    type: JobTypeClass,
    options: Omit<AnyRequest, 'by'>,
    request: (acting: AnyRequest) => Promise<RequestedJob>,
  ): Promise<RequestedJob> {
    checkReadable('request', options);
    const acting = { ...options, tenant: options.tenant ?? this.actor.tenant, by: this.actor.id };
    return this.changes.within(options, async ({ manager }) => {
      await this.demandRequest(type, acting);
      const requested = await request({ ...acting, manager });
      // What is open may be somebody else's business; that it exists is all the refusal tells.
      if (!requested.created && !(await this.permissions.sees(requested.job))) {
        throw new JobForbiddenError(this.actor.id, 'request');
      }
      return requested;
    });
  }

  /** Changes one job. */
  async one<Options extends ChangeOptions>(
    verb: JobVerb,
    reference: JobReference,
    options: Options,
    change: (acting: Options & Acted) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    checkReadable(verb, options);
    return this.all(verb, [reference], options, (_, acting) => change(acting));
  }

  /** Changes several jobs, all of them or none. */
  async all<Options extends ChangeOptions>(
    verb: JobVerb,
    references: readonly JobReference[],
    options: Options,
    change: (jobs: readonly Job[], acting: Options & Acted) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    return this.changes.within(options, async (transaction) => {
      const jobs = await this.existing(transaction, references);
      for (const job of jobs) await this.permissions.demand(verb, job);
      return change(jobs, { ...options, ...this.acted(transaction) });
    });
  }

  /** Changes one job, or all pending jobs of a type and target that the actor may see. */
  async matching<Options extends ChangeOptions & SubjectOptions>(
    verb: 'complete' | 'cancel',
    reference: JobReference | JobTypeClass,
    options: Options,
    change: (job: JobReference, acting: Omit<Options, keyof SubjectOptions> & Acted) => Promise<ChangedJobs>,
  ): Promise<ChangedJobs> {
    if (typeof reference !== 'function')
      return this.one(verb, reference, options, (acting) => change(reference, acting));
    checkReadable(verb, options);
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
}
