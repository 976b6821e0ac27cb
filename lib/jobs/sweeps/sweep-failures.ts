import { Logger } from '@nestjs/common';
import { describeError } from '../../engine/text/describe-error.js';
import { escapeForLog } from '../../engine/text/escape-for-log.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';

/** Where what fails in a sweep goes: to the log and the application's hook. The next sweep tries again. */
export class SweepFailures {
  private readonly logger = new Logger('JobSweeps');

  constructor(private readonly options: Pick<ResolvedJobsOptions, 'redact' | 'onError'>) {}

  report(what: string, failure: unknown): void {
    const { name, message, stack } = describeError(failure, this.options.redact);
    this.logger.error(`${what}: ${escapeForLog(`${name}: ${message}`)}`, stack ?? undefined);
    try {
      this.options.onError?.(failure, { activity: 'sweep' });
    } catch (thrown) {
      this.logger.error('onError threw', thrown instanceof Error ? thrown.stack : undefined);
    }
  }
}
