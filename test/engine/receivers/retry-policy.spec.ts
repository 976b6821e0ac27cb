import { Logger } from '@nestjs/common';
import type { RetryOptions } from '../../../lib/engine/receivers/retry-options.js';
import { resolveRetryPolicy } from '../../../lib/engine/receivers/retry-policy.js';
import { JobsError } from '../../../lib/errors/jobs.error.js';
import { OptionChecks } from '../../../lib/options/option-checks.js';

function policy(options?: RetryOptions) {
  return resolveRetryPolicy(options, new OptionChecks('Orders.on'));
}

function delays(options?: RetryOptions): number[] {
  const { delay } = policy(options);
  return [1, 2, 3, 4].map((attempt) => delay(attempt, new Error('declined')));
}

afterEach(() => jest.restoreAllMocks());

it('doubles the delay up to the longest', () => {
  expect(delays()).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(delays({ delay: '2s', maxDelay: '10s' })).toEqual([2_000, 4_000, 8_000, 10_000]);
  expect(policy().delay(5_000, undefined)).toBe(3_600_000);
});

it('keeps a fixed delay', () => {
  expect(delays({ backoff: 'fixed', delay: 50 })).toEqual([50, 50, 50, 50]);
});

it('takes 0 milliseconds of a function for an answer', () => {
  expect(delays({ backoff: () => 0 })).toEqual([0, 0, 0, 0]);
});

it('asks a function, with the number of the failure and its error', () => {
  const backoff = jest.fn((attempt: number) => attempt * 10);
  expect(delays({ backoff, maxDelay: 30 })).toEqual([10, 20, 30, 30]);
  expect(backoff).toHaveBeenCalledWith(4, new Error('declined'));
});

it.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['gives NaN', () => NaN],
  ['gives a negative number', () => -1],
  ['gives text', () => '5s'],
  ['gives digits', () => '5'],
  ['gives a promise', () => Promise.resolve(5)],
])('falls back to the exponential delay when the function %s', (_case, backoff) => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  expect(delays({ backoff: backoff as () => number })).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect([...warn.mock.calls, ...error.mock.calls]).toHaveLength(4);
  expect([...warn.mock.calls, ...error.mock.calls][0]?.[0]).toContain('Orders.on: retry.backoff');
});

it('ends at once with errors of the given classes and their subclasses', () => {
  class Declined extends Error {}
  class DeclinedForGood extends Declined {}
  const { isFinal } = policy({ nonRetryable: [TypeError, Declined] });
  expect([new TypeError(), new DeclinedForGood(), new Error(), 'text', undefined].map(isFinal)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

it('ends at once when the function says so, and goes on when it fails', () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  const { isFinal } = policy({ nonRetryable: (failure) => (failure as { final: boolean }).final });
  expect([{ final: true }, { final: false }, null].map(isFinal)).toEqual([true, false, false]);
  expect(error).toHaveBeenCalledTimes(1);
});

it('goes on with any error unless told otherwise', () => {
  expect(policy().isFinal(new TypeError())).toBe(false);
});

it('logs where a function threw', () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  const failure = new Error('broken');
  const thrower = (thrown: unknown) => () => {
    throw thrown;
  };
  policy({ nonRetryable: thrower(failure) }).isFinal(null);
  policy({ nonRetryable: thrower('text') }).isFinal(null);
  expect(error.mock.calls.map(([, stack]: unknown[]) => stack)).toEqual([failure.stack, undefined]);
});

it('takes a longest delay that is as short as the first, and bounds the default one by it', () => {
  expect(delays({ delay: '5s', maxDelay: '5s' })).toEqual([5_000, 5_000, 5_000, 5_000]);
  expect(delays({ maxDelay: 500 })).toEqual([500, 500, 500, 500]);
  expect(delays({ delay: '2h' })).toEqual([3_600_000, 3_600_000, 3_600_000, 3_600_000]);
});

it.each<[string, object, string]>([
  ['an unknown option', { tries: 3 }, 'retry.tries'],
  ['a longest delay below the first', { delay: '5s', maxDelay: '4s' }, 'retry.maxDelay'],
  ['an unknown backoff', { backoff: 'linear' }, 'retry.backoff'],
  ['no class', { nonRetryable: [TypeError, 'RangeError'] }, 'retry.nonRetryable[1]'],
  ['an arrow function', { nonRetryable: [() => true] }, 'retry.nonRetryable[0]'],
  ['an object with a prototype', { nonRetryable: [{ prototype: {} }] }, 'retry.nonRetryable[0]'],
  ['a function with an odd prototype', { nonRetryable: [withPrototype(null)] }, 'retry.nonRetryable[0]'],
  ['a function whose prototype is text', { nonRetryable: [withPrototype('Error')] }, 'retry.nonRetryable[0]'],
  ['neither list nor function', { nonRetryable: 'TypeError' }, 'retry.nonRetryable'],
])('refuses %s by name', (_case, options, option) => {
  expect(() => policy(options)).toThrow(JobsError);
  expect(() => policy(options)).toThrow(option);
});

function withPrototype(prototype: unknown): unknown {
  return Object.assign(function Odd(): void {}, { prototype });
}
