import { UseInterceptors } from '@nestjs/common';
import type { ErrorClass } from '../../engine/receivers/retry-options.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RaiseJobOnErrorOptions } from './raise-job-on-error-options.interface.js';
import { raiseJobInterceptor } from './raise-job.interceptor.js';

const KNOWN = ['errors', 'request', 'recover'] as const satisfies readonly (keyof RaiseJobOnErrorOptions<
  JobTypeClass,
  ErrorClass
>)[];

/**
 * Makes a job for a person of an error that code can only pass on, instead of one more line in a log: however often the same goes wrong,
 * it is one open job that counts. The job is raised in a transaction of its own, so it outlives the one that failed.
 *
 * It stands on a method or class of a controller, resolver or receiver of reliable events, and hears what the method throws, not what
 * guards and pipes do; of several on one method the uppermost hears first. A delivery ends as its receiver did, whatever `recover` says:
 * it is retried, and may become a dead letter. When the job cannot be kept, that is logged, and the error is thrown as if this decorator
 * were not there.
 *
 * ```ts
 * @RaiseJobOnError(ReviewRefund, {
 *   errors: [RefundRefusedError],
 *   request: (error) => ({ target: error.paymentId, metadata: { reason: error.message } }),
 *   recover: () => new ServiceUnavailableException('Somebody looks after your refund.'),
 * })
 * ```
 *
 * @param type the type of job.
 * @throws JobsError, InvalidOptionError, UnknownOptionError when type or options cannot be used.
 * @publicApi
 */
export function RaiseJobOnError<Type extends JobTypeClass, const Errors extends ErrorClass>(
  type: Type,
  options: RaiseJobOnErrorOptions<Type, Errors>,
): MethodDecorator & ClassDecorator {
  const checks = new JobChecks('@RaiseJobOnError');
  checks.object('', options, KNOWN);
  const given: { readonly type: unknown; readonly errors: unknown } = { type, errors: options.errors };
  if (typeof given.type !== 'function') throw checks.invalid('type', 'a class decorated with @JobType', given.type);
  if (!isListOfClasses(given.errors)) throw checks.invalid('errors', 'a list of at least one class', given.errors);
  for (const option of ['request', 'recover'] as const) {
    const value: unknown = options[option];
    if (value !== undefined && typeof value !== 'function') throw checks.invalid(option, 'a function', value);
  }
  return UseInterceptors(raiseJobInterceptor(type, options));
}

function isListOfClasses(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'function');
}
