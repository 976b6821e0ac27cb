import type { Job } from '../model/job.js';
import { ActorPermissions } from '../policy/actor-permissions.js';
import type { JobActor } from '../policy/job-actor.js';
import type { JobPolicy } from '../policy/job-policy.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';
import type { CheckedJobFilter } from './checked-job-filter.js';
import type { JobStreamOptions } from './job-query-options.interface.js';
import type { JobList, JobReading } from './job-reading.js';

/** What one actor finds: within the policy's scope, and of that what the policy lets them see. */
export class ActorSight {
  private readonly permissions: ActorPermissions;

  /** @param actor checked. */
  constructor(
    private readonly reading: JobReading,
    policy: JobPolicy,
    private readonly actor: JobActor,
  ) {
    this.permissions = new ActorPermissions(policy, actor);
  }

  readonly sees = (job: Job): Promise<boolean> => this.permissions.sees(job);

  /** Every job of a list within the scope, and whether it may be seen. */
  async *examined(
    asked: JobList,
    options: Pick<ChangeOptions, 'manager'> & Pick<JobStreamOptions, 'signal'>,
  ): AsyncGenerator<{ readonly job: Job; readonly isSeen: boolean }> {
    const list = await this.within(asked);
    if (list === undefined) return;
    for await (const job of this.reading.all(list, options)) yield { job, isSeen: await this.sees(job) };
  }

  /** The jobs of a list that may be seen. */
  async *visible(list: JobList, signal?: AbortSignal): AsyncGenerator<Job> {
    for await (const { job, isSeen } of this.examined(list, { signal })) {
      if (isSeen) yield job;
    }
  }

  /** The list within the policy's scope; `undefined` when nothing can be. */
  async within({ filter, sort }: JobList): Promise<JobList | undefined> {
    const { types, principals, tenant } = await this.permissions.scope();
    const { tenant: confined = tenant } = this.actor;
    const names = types?.map((type) =>
      typeof type === 'string' ? type : this.reading.changes.types.get(type).definition.name,
    );
    const isNowhere = names?.length === 0 || principals?.length === 0;
    if (isNowhere || (tenant !== undefined && tenant !== confined)) return undefined;
    const scope: CheckedJobFilter = {
      ...(names === undefined ? {} : { types: [...names].sort() }),
      ...(principals === undefined ? {} : { mine: { principals: [...principals].sort(), tenant: null } }),
      ...(confined === undefined ? {} : { tenant: confined }),
      or: [filter],
    };
    return { filter: scope, sort };
  }
}
