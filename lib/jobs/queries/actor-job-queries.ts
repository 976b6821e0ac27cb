import { ActorPermissions } from '../policy/actor-permissions.js';
import { checkActor, type JobActor } from '../policy/job-actor.js';
import type { JobPolicy } from '../policy/job-policy.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { CheckedJobFilter } from './checked-job-filter.js';
import type { JobFilter } from './job-filter.interface.js';
import type { JobListOptions, JobPage } from './job-query-options.interface.js';
import type { JobReading } from './job-reading.js';

/**
 * The queries of `JobQueries` for one actor: within the policy's scope, and of that only what the policy lets them see.
 *
 * @publicApi
 */
export class ActorJobQueries {
  private readonly permissions: ActorPermissions;
  private readonly actor: JobActor;

  /** @internal */
  constructor(
    private readonly reading: JobReading,
    policy: JobPolicy,
    actor: JobActor,
  ) {
    this.actor = checkActor(actor);
    this.permissions = new ActorPermissions(policy, actor);
  }

  /**
   * One page of the jobs that meet a filter and that the actor may see. A page may be short, even empty, although there are more: only
   * a `next` of null says that there are none.
   */
  async list(filter: JobFilter = {}, options: JobListOptions = {}): Promise<JobPage> {
    const checks = new JobChecks('list');
    checks.options(options, ['sort', 'after', 'limit', 'manager']);
    const list = this.reading.list(checks, filter, options.sort);
    const within = await this.within(list.filter);
    if (within === undefined) return { jobs: [], next: null };
    return this.reading.page(checks, { ...list, filter: within }, options, (job) => this.permissions.sees(job));
  }

  /** The filter within the policy's scope; `undefined` when nothing can be. */
  private async within(filter: CheckedJobFilter): Promise<CheckedJobFilter | undefined> {
    const { types, principals, tenant } = await this.permissions.scope();
    const { tenant: confined = tenant } = this.actor;
    const names = types?.map((type) =>
      typeof type === 'string' ? type : this.reading.changes.types.get(type).definition.name,
    );
    if (names?.length === 0 || principals?.length === 0 || (tenant !== undefined && tenant !== confined))
      return undefined;
    return {
      ...(names === undefined ? {} : { types: [...names].sort() }),
      ...(principals === undefined ? {} : { mine: { principals: [...principals].sort(), tenant: null } }),
      ...(confined === undefined ? {} : { tenant: confined }),
      or: [filter],
    };
  }
}
