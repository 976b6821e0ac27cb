import { ReliableEvent } from '../../events/definition/reliable-event.decorator.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { jobTypeOf } from '../types/job-type.decorator.js';
import type { RequestJobDetails } from './command-details.interface.js';

/**
 * Asks for a job, as `JobsService.request` does: the event `job.request`, for modules that should know nothing of the service.
 * Fields it does not know are left alone. That a job was requested is told by another event, `job.requested`.
 *
 * ```ts
 * await this.events.emit(new RequestJob('onboarding.add-payment-method', { target: accountId }), { manager });
 * ```
 *
 * @publicApi
 */
@ReliableEvent('job.request')
export class RequestJob<Type extends JobTypeClass = JobTypeClass> {
  /** Name of the type of job. */
  readonly type: string;

  /** @param type the type of job, or its name. */
  constructor(type: Type | string, details: RequestJobDetails<Type> = {}) {
    Object.assign(this, details, textOf('dueAt', details.dueAt), textOf('expiresAt', details.expiresAt));
    this.type = typeof type === 'string' ? type : (jobTypeOf(type)?.name ?? type.name);
  }
}

function textOf(name: 'dueAt' | 'expiresAt', at: Date | string | undefined): Readonly<Record<string, string>> {
  return at instanceof Date ? { [name]: at.toISOString() } : {};
}
