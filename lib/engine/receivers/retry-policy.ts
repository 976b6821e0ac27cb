import { Logger } from '@nestjs/common';
import type { OptionChecks } from '../../options/option-checks.js';
import type { RetryPolicy } from './receiver.js';
import type { ErrorClass, RetryOptions } from './retry-options.js';

const DEFAULTS = { attempts: 20, backoff: 'exponential', delay: '1s', maxDelay: '1h', jitter: 0.2 } as const;

/** More failures than this do not fit into the delivery's counter. */
const MAX_ATTEMPTS = 32_767;

/** More of them reach any longest delay. */
const MOST_DOUBLINGS = 60;

const RETRY_OPTIONS: readonly (keyof RetryOptions)[] = [
  'attempts',
  'backoff',
  'delay',
  'maxDelay',
  'jitter',
  'nonRetryable',
];

const logger = new Logger('Retry');

/**
 * Turns retry options, checked, into a policy that never throws: what it computes is needed while a failure is being settled.
 *
 * @throws InvalidOptionError, UnknownOptionError
 */
export function resolveRetryPolicy(options: RetryOptions | undefined, checks: OptionChecks): RetryPolicy {
  if (options !== undefined) checks.object('retry', options, RETRY_OPTIONS);
  const given = options ?? {};
  const attempts = checks.integer('retry.attempts', given.attempts ?? DEFAULTS.attempts, { min: 1, max: MAX_ATTEMPTS });
  const first = checks.duration('retry.delay', given.delay ?? DEFAULTS.delay);
  const longest = checks.duration('retry.maxDelay', given.maxDelay ?? DEFAULTS.maxDelay);
  if (given.delay !== undefined && given.maxDelay !== undefined && longest < first) {
    throw checks.invalid('retry.maxDelay', `at least retry.delay (${first} ms)`, given.maxDelay);
  }
  const jitter = checks.number('retry.jitter', given.jitter ?? DEFAULTS.jitter, { min: 0, max: 1 });
  // Nothing doubled for ever is nothing, and not nothing times infinity.
  const exponential = (attempt: number): number =>
    Math.min(longest, first * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS));
  return {
    attempts,
    jitter,
    delay: backoff(
      given.backoff ?? DEFAULTS.backoff,
      { exponential, fixed: () => Math.min(longest, first), longest },
      checks,
    ),
    isFinal: finality(given.nonRetryable, checks),
  };
}

interface Backoffs {
  readonly exponential: (attempt: number) => number;
  readonly fixed: () => number;
  readonly longest: number;
}

function backoff(
  chosen: NonNullable<RetryOptions['backoff']>,
  backoffs: Backoffs,
  checks: OptionChecks,
): RetryPolicy['delay'] {
  if (typeof chosen !== 'function') {
    const named: unknown = chosen;
    if (named === 'exponential') return backoffs.exponential;
    if (named === 'fixed') return backoffs.fixed;
    throw checks.invalid(
      'retry.backoff',
      "'exponential', 'fixed' or a function (attempt, error) => milliseconds",
      named,
    );
  }
  return (attempt, error) => {
    try {
      const computed: unknown = chosen(attempt, error);
      if (typeof computed === 'number' && computed >= 0) return Math.min(backoffs.longest, computed);
      logger.warn(
        `${checks.place}: retry.backoff gave no number of milliseconds; the delay grows exponentially instead.`,
      );
    } catch (failure) {
      logger.error(`${checks.place}: retry.backoff threw; the delay grows exponentially instead.`, stackOf(failure));
    }
    return backoffs.exponential(attempt);
  };
}

function finality(nonRetryable: RetryOptions['nonRetryable'], checks: OptionChecks): RetryPolicy['isFinal'] {
  if (nonRetryable === undefined) return () => false;
  if (isList(nonRetryable)) {
    for (const [index, item] of nonRetryable.entries()) {
      if (!isClass(item)) throw checks.invalid(`retry.nonRetryable[${index}]`, 'a class of errors', item);
    }
    return (error) => nonRetryable.some((errorClass) => error instanceof errorClass);
  }
  checks.callable('retry.nonRetryable', nonRetryable, 'a list of error classes or a function (error) => boolean');
  return (error) => {
    try {
      return nonRetryable(error);
    } catch (failure) {
      logger.error(`${checks.place}: retry.nonRetryable threw; the failure is retried.`, stackOf(failure));
      return false;
    }
  };
}

function isList(value: NonNullable<RetryOptions['nonRetryable']>): value is readonly ErrorClass[] {
  return Array.isArray(value);
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function stackOf(failure: unknown): string | undefined {
  return failure instanceof Error ? failure.stack : undefined;
}
