import { JobForbiddenError } from '../../errors/job-forbidden.error.js';
import type { Job } from '../model/job.js';
import type { JobActor } from './job-actor.js';
import type { JobPolicy, JobScope, JobVerb, PolicyJob } from './job-policy.js';

/** What the policy lets one actor do. Only a plain `true` is a yes. */
export class ActorPermissions {
  constructor(
    private readonly policy: JobPolicy,
    private readonly actor: JobActor,
  ) {}

  /** Whether the actor may know of a job: it is of the actor's tenant, and the policy lets them see it. */
  async sees(job: Job): Promise<boolean> {
    return this.isInTenant(job.tenant) && (await this.may('view', job));
  }

  async may(verb: JobVerb, job: PolicyJob): Promise<boolean> {
    if (!this.isInTenant(job.tenant)) return false;
    const answer: unknown = await this.policy.can(this.actor, verb, job);
    return answer === true;
  }

  /** @throws JobForbiddenError */
  async demand(verb: JobVerb, job: PolicyJob): Promise<void> {
    if (!(await this.may(verb, job))) throw new JobForbiddenError(this.actor.id, verb);
  }

  async scope(): Promise<JobScope> {
    return (await this.policy.scope?.(this.actor)) ?? {};
  }

  private isInTenant(tenant: string): boolean {
    return this.actor.tenant === undefined || this.actor.tenant === tenant;
  }
}
