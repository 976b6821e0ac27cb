import type { JobFact } from '../../jobs/facts/job-fact.js';
import type { JobTarget } from '../../jobs/targets/job-target.js';
import type { TargetResolver } from '../../jobs/targets/target-resolver.js';
import type { JobTypeClass } from '../../jobs/types/job-type-class.js';
import { jobTypeOf } from '../../jobs/types/job-type.decorator.js';

/**
 * What a job must have that something happened to.
 *
 * @publicApi
 */
export interface JobExpectation extends Partial<
  Pick<JobFact, 'jobId' | 'key' | 'assignee' | 'claimedBy' | 'outcome' | 'closeReason' | 'actor'>
> {
  /** What it is about: an entity, `{ type, id }`, or an id where its type names the entity. */
  readonly target?: JobTarget;
  readonly tenant?: string | null;
}

/** The fields of facts that are expected. */
export function factsAbout(
  { target, ...expected }: JobExpectation,
  type: JobTypeClass | string | undefined,
  targets: TargetResolver,
): Readonly<Record<string, unknown>> {
  if (target === undefined) return expected;
  const entity = typeof type === 'function' ? jobTypeOf(type)?.target : undefined;
  const reference = targets.referenceOf(target, entity);
  return { ...expected, targetType: reference.type, targetId: reference.id };
}
