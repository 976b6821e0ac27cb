import { JobsError } from '../../errors/jobs.error.js';
import type { JobTypeClass } from '../../jobs/types/job-type-class.js';
import { jobTypeOf } from '../../jobs/types/job-type.decorator.js';

/**
 * The name of a type of job.
 *
 * @throws JobsError when the class is none.
 */
export function nameOfJobType(type: JobTypeClass | string): string {
  if (typeof type === 'string') return type;
  const definition = jobTypeOf(type);
  if (definition !== undefined) return definition.name;
  throw new JobsError(`${type.name} is no type of job; give a class decorated with @JobType.`);
}
