import type { Job } from '../model/job.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { JobChanges } from '../verbs/job-changes.js';
import { type ClaimNextOptions, JobClaims } from '../verbs/job-claims.js';
import type { ActorPermissions } from './actor-permissions.js';
import { checkReadable } from './check-readable.js';
import { type JobActor, principalsOf } from './job-actor.js';
import type { JobScope } from './job-policy.js';

/** Finds work for one actor, within the policy's scope. */
export class ActorClaims {
  private readonly claims: JobClaims;

  constructor(
    private readonly changes: JobChanges,
    private readonly permissions: ActorPermissions,
    private readonly actor: JobActor,
  ) {
    this.claims = new JobClaims(changes);
  }

  /** Claims the most urgent free job that the actor may see and claim; `null` when there is none. */
  async claimNext(options: Omit<ClaimNextOptions, 'by' | 'as' | 'tenant'>): Promise<Job | null> {
    checkReadable('claimNext', options);
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

  /** What is asked for, as far as it lies in the scope. */
  private typesWithin({ types }: JobScope, asked: ClaimNextOptions['types']): ClaimNextOptions['types'] {
    if (types === undefined || asked === undefined) return asked ?? types;
    const name = (type: JobTypeClass | string): string =>
      typeof type === 'string' ? type : this.changes.types.get(type).definition.name;
    const allowed = new Set(types.map(name));
    return asked.map(name).filter((type) => allowed.has(type));
  }
}
