import { Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isObservable, lastValueFrom } from 'rxjs';
import { describeError, type RedactText } from '../../engine/text/describe-error.js';
import { escapeForLog } from '../../engine/text/escape-for-log.js';
import { catches } from './bound-enhancers.js';

const logger = new Logger('ReliableEvents');

/**
 * Shows an exception to the first filter that catches it, as Nest picks it: those of the method before those of the class. Never throws,
 * and what the filter answers has no effect: the outcome of a delivery is what the handler threw.
 */
export async function showToFilters(
  filters: readonly ExceptionFilter[],
  exception: unknown,
  host: ArgumentsHost,
  redact: RedactText | undefined,
): Promise<void> {
  try {
    const filter = filters.findLast((candidate) => catches(candidate, exception));
    const answer: unknown = await filter?.catch(exception, host);
    if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
  } catch (failure) {
    if (failure === exception) return;
    const { name, message, stack } = describeError(failure, redact);
    logger.error(`An exception filter failed: ${escapeForLog(`${name}: ${message}`)}`, stack ?? undefined);
  }
}
