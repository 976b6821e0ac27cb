import type { Principal } from '../model/principal.js';

/**
 * Who acts: a principal, and the others they stand for, such as their roles.
 *
 * @publicApi
 */
export interface JobActor {
  readonly id: Principal;
  readonly roles?: readonly Principal[];
  /** Tenant the actor is confined to. */
  readonly tenant?: string;
}

/** Every principal an actor stands for. */
export function principalsOf({ id, roles = [] }: JobActor): readonly Principal[] {
  return [id, ...roles];
}
