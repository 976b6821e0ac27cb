import { Inject, Injectable, Logger } from '@nestjs/common';
import type { SendingMethod } from '../../engine/deliveries/delivery-context.js';
import { describeError } from '../../engine/text/describe-error.js';
import { escapeForLog } from '../../engine/text/escape-for-log.js';
import { stackForLog } from '../../engine/text/stack-for-log.js';
import type { JobsErrorContext } from '../../options/jobs-module-options.interface.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';

/** Where goes what fails in process and is not thrown at the sender: to the log with its stack, and to the application's hook. */
@Injectable()
export class InProcessFailures {
  private readonly logger = new Logger('InProcessEvents');

  constructor(@Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'redact' | 'onError'>) {}

  /** A receiver that failed; the event is lost for it. */
  receiver(via: SendingMethod, receiverId: string, eventName: string, error: unknown): void {
    this.report(`${receiverId} on ${eventName} (${via}) failed`, error, {
      activity: via,
      receiverId,
      eventName,
      attempt: 1,
    });
  }

  /** What plain listeners threw. */
  bridge(eventName: string, error: unknown): void {
    this.report(`A plain listener of ${eventName} failed`, error, { activity: 'bridge', eventName });
  }

  private report(what: string, error: unknown, context: JobsErrorContext): void {
    const { name, message, stack } = describeError(error, this.options.redact);
    this.logger.error(escapeForLog(`${what}: ${name}: ${message}`), stackForLog(name, stack));
    try {
      // Its type allows a hook that returns a promise, whose rejection nobody else would handle.
      const hook: ((...values: [unknown, JobsErrorContext]) => unknown) | undefined = this.options.onError;
      const answer = hook?.(error, context);
      if (answer instanceof Promise) answer.catch((thrown: unknown) => this.hookFailed(thrown));
    } catch (thrown) {
      this.hookFailed(thrown);
    }
  }

  private hookFailed(thrown: unknown): void {
    this.logger.error(escapeForLog(`The onError hook threw: ${describeError(thrown, this.options.redact).message}`));
  }
}
