import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  mixin,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { catchError, from, type Observable } from 'rxjs';
import { namedToken } from '../../data-sources/named-token.js';
import type { ErrorClass } from '../../engine/receivers/retry-options.js';
import { JobsService } from '../jobs.service.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { jobTypeOf } from '../types/job-type.decorator.js';
import type { AnyRequest, RequestedJob } from '../verbs/job-options.interface.js';

/** What one use of the decorator says, whatever its types. */
export interface RaisingRule {
  readonly errors: readonly ErrorClass[];
  readonly request?: (error: never, context: ExecutionContext) => unknown;
  readonly recover?: (error: never, raised: RequestedJob) => unknown;
}

/** A class of interceptors that raise jobs of one type; each use of the decorator has its own. */
export function raiseJobInterceptor(
  type: JobTypeClass,
  { errors, request, recover }: RaisingRule,
): Type<NestInterceptor> {
  @Injectable()
  class RaiseJobInterceptor implements NestInterceptor {
    private readonly logger = new Logger('JobsModule');

    constructor(@Inject(namedToken(JobsService, jobTypeOf(type)?.dataSource)) private readonly jobs: JobsService) {}

    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(catchError((error: unknown) => from(this.answer(error, context))));
    }

    private async answer(error: unknown, context: ExecutionContext): Promise<unknown> {
      if (!errors.some((errorClass) => error instanceof errorClass)) throw error;
      const raised = await this.raise(error as never, context);
      if (raised === null || recover === undefined) throw error;
      const answer: unknown = await recover(error as never, raised);
      if (answer instanceof Error) throw answer;
      return answer;
    }

    /** The job that was kept; `null` when there is none, in which case the error itself must not be lost. */
    private async raise(error: never, context: ExecutionContext): Promise<RequestedJob | null> {
      try {
        const asked = request === undefined ? {} : ((await request(error, context)) as AnyRequest | null);
        return asked === null ? null : await this.jobs.raise<JobTypeClass>(type, asked);
      } catch (problem) {
        const failed = problem instanceof Error ? problem : new Error(String(problem));
        this.logger.error(
          `No job ${jobTypeOf(type)?.name ?? type.name} could be raised for an error of ` +
            `${context.getClass().name}.${context.getHandler().name}: ${failed.message}`,
          failed.stack,
        );
        return null;
      }
    }
  }
  return mixin(RaiseJobInterceptor);
}
