import { ReliableEvent } from '../../events/definition/reliable-event.decorator.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { jobTypeOf } from '../types/job-type.decorator.js';
import type { CompleteJobDetails } from './command-details.interface.js';

/**
 * Says that a job is done, as `JobsService.complete` does: the event `job.complete`, for modules that should know nothing of the service.
 * It completes one job by its id, or all pending jobs of a type and target. Fields it does not know are left alone. That a job was
 * completed is told by another event, `job.completed`.
 *
 * @publicApi
 */
@ReliableEvent('job.complete')
export class CompleteJob<Type extends JobTypeClass = JobTypeClass> {
  /** Name of the type of job, unless there is an id. */
  declare readonly type?: string;
  /** Id of the job, unless there is a type. */
  declare readonly id?: string;

  /** @param job the type of job or its name, or `{ id }` for one job. */
  constructor(job: Type | string | { readonly id: string }, details: CompleteJobDetails<Type> = {}) {
    Object.assign(this, details, namedBy(job));
  }
}

function namedBy(job: JobTypeClass | string | { readonly id: string }): { type: string } | { id: string } {
  if (typeof job === 'string') return { type: job };
  return typeof job === 'function' ? { type: jobTypeOf(job)?.name ?? job.name } : { id: job.id };
}
