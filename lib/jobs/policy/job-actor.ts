import { checkTenant } from '../../events/payload/check-labels.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import { JobChecks } from '../verbs/job-checks.js';

/**
 * Who acts: a principal, and the others they stand for, such as their roles.
 *
 * @publicApi
 */
export interface JobActor {
  readonly id: Principal;
  readonly roles?: readonly Principal[];
  /** Tenant the actor is confined to; without one, the policy alone says which tenants' jobs are theirs. */
  readonly tenant?: string;
}

/** Every principal an actor stands for. */
export function principalsOf({ id, roles = [] }: JobActor): readonly Principal[] {
  return [id, ...roles];
}

/** @throws JobsError naming the field. */
export function checkActor(actor: JobActor): JobActor {
  const checks = new JobChecks('as');
  checks.object('actor', actor, ['id', 'roles', 'tenant']);
  checkPrincipal('actor.id', actor.id);
  if (actor.roles !== undefined) checks.principals('actor.roles', actor.roles);
  checkTenant(actor.tenant);
  return actor;
}
