import type { ExecutionContext } from '@nestjs/common';
import type { ErrorClass } from '../../engine/receivers/retry-options.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RequestArguments, RequestedJob } from '../verbs/job-options.interface.js';

/**
 * Which errors become jobs, and what becomes of them.
 *
 * @publicApi
 */
export interface RaiseJobOnErrorOptions<Type extends JobTypeClass, Errors extends ErrorClass> {
  /** Classes of the errors that are this job's business; all others are left alone. */
  readonly errors: readonly Errors[];
  /**
   * What `JobsService.raise` is given: the target, metadata and so on; `null` for an error that is nobody's business after all. Left out
   * where a job of the type needs nothing but its type.
   */
  readonly request?: (
    error: InstanceType<Errors>,
    context: ExecutionContext,
  ) => RaisedRequest<Type> | null | Promise<RaisedRequest<Type> | null>;
  /**
   * What the caller gets instead of the error, once the job is kept: a value, or another error, which is thrown.
   *
   * @default the error is thrown on, for a filter or a retry to deal with
   */
  readonly recover?: (error: InstanceType<Errors>, raised: RequestedJob) => unknown;
}

/**
 * What a job that is raised for an error is requested with.
 *
 * @publicApi
 */
export type RaisedRequest<Type extends JobTypeClass> = NonNullable<RequestArguments<Type, 'manager'>[0]>;
