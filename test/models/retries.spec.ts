import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { ClaimedDelivery } from '../../lib/engine/deliveries/claimed-delivery.js';
import type { Receiver } from '../../lib/engine/receivers/receiver.js';
import type { RetryOptions } from '../../lib/engine/receivers/retry-options.js';
import { resolveRetryPolicy } from '../../lib/engine/receivers/retry-policy.js';
import { OutcomePolicy } from '../../lib/engine/worker/outcome-policy.js';
import { OptionChecks } from '../../lib/options/option-checks.js';
import { runs, SEED } from './support/property-runs.js';

const CENTURY = 100 * 365 * 86_400_000;

const attempt = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 32_767 }));
const milliseconds = fc.oneof(fc.constantFrom(0, 1, 1_000), fc.nat(), fc.maxSafeInteger().map(Math.abs));
/** What a function of a user may give. */
const given = fc.oneof(
  fc.double(),
  fc.constantFrom<unknown>(undefined, null, '5s', 5n, Symbol('5'), 'throw'),
  fc.nat(),
);

const times = fc
  .tuple(milliseconds, milliseconds)
  .map(([a, b]) => ({ delay: Math.min(a, b), maxDelay: Math.max(a, b) }));

function policyOf(options: RetryOptions) {
  return resolveRetryPolicy(options, new OptionChecks('Orders.on'));
}

function backoffOf(value: unknown): () => number {
  return () => {
    if (value === 'throw') throw new Error('no idea');
    return value as number;
  };
}

function delivery(attempts: number): ClaimedDelivery {
  return { eventId: '1', receiver: 1, version: 1, priority: 4, readyXid: '1', claims: 1, attempts, interruptions: 0 };
}

describe(`The delay until a retry (seed ${SEED})`, () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(true);
  });

  it('lies within its bounds and never shrinks from one failure to the next', () => {
    fc.assert(
      fc.property(
        times,
        fc.constantFrom('exponential' as const, 'fixed' as const),
        attempt,
        (options, backoff, number) => {
          const { delay } = policyOf({ ...options, backoff });
          const [this_, next] = [delay(number, undefined), delay(number + 1, undefined)];
          expect([
            this_ >= Math.min(options.delay, options.maxDelay),
            this_ <= options.maxDelay,
            next >= this_,
          ]).toEqual([...[true, true, true]]);
          if (backoff === 'fixed') expect(next).toBe(this_);
        },
      ),
      runs(500),
    );
  });

  it('is a number within the longest whatever a function gives', () => {
    fc.assert(
      fc.property(times, given, attempt, (options, value, number) => {
        const { delay } = policyOf({ ...options, backoff: backoffOf(value) });
        const computed = delay(number, new Error());
        expect([computed >= 0, computed <= options.maxDelay]).toEqual([true, true]);
      }),
      runs(500),
    );
  });

  it('moves by no more than its jitter, and fits into the database', () => {
    fc.assert(
      fc.property(
        times,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (options, jitter, failures, attempts) => {
          const retry = policyOf({ ...options, jitter, attempts });
          const receiver = { retry } as Receiver;
          const outcome = new OutcomePolicy(10, (text) => text).afterError(
            delivery(failures),
            receiver,
            new Error(),
            undefined,
          );
          if (failures + 1 >= attempts) {
            expect(outcome).toMatchObject({
              kind: 'dead',
              reason: expect.stringContaining(`failed ${failures + 1} times`),
            });
            return;
          }
          const delay = outcome.kind === 'postponed' ? outcome.delay : Number.NaN;
          const exact = retry.delay(failures + 1, undefined);
          const [least, most] = [exact * (1 - jitter), exact * (1 + jitter)].map((time) => Math.min(time, CENTURY));
          expect([delay >= least! - 1, delay <= most! + 1]).toEqual([true, true]);
        },
      ),
      runs(500),
    );
  });
});
