import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import type { Receiver, RetryPolicy } from '../../../lib/engine/receivers/receiver.js';
import { OutcomePolicy } from '../../../lib/engine/worker/outcome-policy.js';
import { ClaimLostError } from '../../../lib/errors/claim-lost.error.js';
import { DeliveryTimeoutError } from '../../../lib/errors/delivery-timeout.error.js';
import { DiscardDelivery } from '../../../lib/errors/discard-delivery.error.js';
import { NonRetryableError } from '../../../lib/errors/non-retryable.error.js';
import { RetryDelivery } from '../../../lib/errors/retry-delivery.error.js';
import { WorkerShutdownError } from '../../../lib/errors/worker-shutdown.error.js';

const CENTURY = 100 * 365 * 86_400_000;
const DELAY = 1_000;

const delivery = (counts: Partial<Pick<ClaimedDelivery, 'attempts' | 'interruptions'>> = {}): ClaimedDelivery => ({
  ...{ eventId: '1', receiver: 1, version: 1, priority: 4, readyXid: '1', claims: 1, attempts: 0, interruptions: 0 },
  ...counts,
});

function receiver(retry: Partial<RetryPolicy> = {}): Receiver {
  return {
    ...{ id: 'orders', aliases: [], subscriptions: [], sender: null, reach: 'both' },
    retry: { attempts: 3, delay: () => DELAY, jitter: 0, isFinal: () => false, ...retry },
    ...{ timeout: null, concurrency: null, transactional: false, invoke: () => Promise.resolve() },
  };
}

/** Refuses to be looked at. */
const shy = new Proxy(
  {},
  {
    get: () => {
      throw new Error('looked at');
    },
    getPrototypeOf: () => {
      throw new Error('looked at');
    },
  },
);

describe('OutcomePolicy', () => {
  const policy = new OutcomePolicy(3, (text) => text.replaceAll('secret', '***'));
  const after = (error: unknown, retry: Partial<RetryPolicy> = {}, attempts = 0, aborted?: Error): Outcome =>
    policy.afterError(delivery({ attempts }), receiver(retry), error, aborted);

  afterEach(() => jest.restoreAllMocks());

  describe('decides that a run', () => {
    it('that failed runs again after its delay, and keeps what happened', () => {
      const outcome = after(new TypeError('a secret went wrong'), {}, 1);
      expect(outcome).toEqual({
        kind: 'postponed',
        delay: DELAY,
        failure: {
          ...{ kind: 'failed', at: expect.any(String), attempt: 2 },
          ...{ name: 'TypeError', message: 'a *** went wrong', stack: expect.any(String) },
        },
      });
    });

    it.each([
      [1, 'postponed'],
      [2, 'dead'],
      [5, 'dead'],
    ])('that failed after %i attempts of 3 is %s', (attempts, kind) => {
      expect(after(new Error('no'), {}, attempts).kind).toBe(kind);
    });

    it('that failed for the last time is dead, with reason and failure', () => {
      expect(after(new Error('no'), {}, 2)).toMatchObject({
        kind: 'dead',
        reason: 'failed 3 times: no',
        failure: { kind: 'failed', attempt: 3, message: 'no' },
      });
    });

    it('whose error is final is dead at once', () => {
      expect(after(new NonRetryableError('never'))).toMatchObject({
        kind: 'dead',
        reason: 'not retryable: never',
        failure: { attempt: 1 },
      });
    });

    it('whose receiver says that its error is final is dead at once', () => {
      const error = new Error('never');
      const isFinal = jest.fn((given: unknown) => given === error);
      expect(after(error, { isFinal })).toMatchObject({ kind: 'dead', reason: 'not retryable: never' });
      expect(after(new Error('once'), { isFinal }).kind).toBe('postponed');
    });

    it('whose receiver cannot say so runs again', () => {
      const isFinal = (): boolean => {
        throw new Error('no idea');
      };
      expect(after(new Error('no'), { isFinal }).kind).toBe('postponed');
    });

    it('that took too long has failed by that, whatever it threw', () => {
      const outcome = after(new Error('aborted'), {}, 0, new DeliveryTimeoutError('orders', 10));
      expect(outcome).toMatchObject({
        kind: 'postponed',
        failure: { kind: 'timeout', name: 'DeliveryTimeoutError', message: expect.stringContaining('10 ms') },
      });
    });

    it('that was aborted by something else has failed by what it threw', () => {
      expect(after(new Error('no'), {}, 0, new Error('other'))).toMatchObject({
        failure: { kind: 'failed', message: 'no' },
      });
    });

    it('that lost its claim changes nothing, whichever of the two says so', () => {
      expect(after(new ClaimLostError('1.1'))).toEqual({ kind: 'lost' });
      expect(after(new DiscardDelivery('no'), {}, 0, new ClaimLostError('1.1'))).toEqual({ kind: 'lost' });
    });

    it('that is not wanted is discarded, with its reason', () => {
      expect(after(new DiscardDelivery('of no secret use'))).toEqual({ kind: 'discarded', reason: 'of no *** use' });
    });

    it('that asks for another time gets it, at no attempt', () => {
      expect(after(new RetryDelivery(5_000), {}, 2)).toEqual({ kind: 'postponed', delay: 5_000, failure: null });
    });

    it('that was told to stop is interrupted, at no attempt', () => {
      expect(after(new Error('stopped'), {}, 2, new WorkerShutdownError())).toMatchObject({
        kind: 'interrupted',
        failure: { kind: 'interrupted', attempt: 3, name: 'WorkerShutdownError' },
      });
    });

    it('that was told to stop, and had decided itself, ends as it decided', () => {
      const aborted = new WorkerShutdownError();
      expect(after(new DiscardDelivery('no'), {}, 0, aborted).kind).toBe('discarded');
      expect(after(new RetryDelivery(1), {}, 0, aborted).kind).toBe('postponed');
    });
  });

  it.each([
    [1, { kind: 'interrupted' }],
    [2, { kind: 'dead', reason: 'interrupted 3 times' }],
    [9, { kind: 'dead', reason: 'interrupted 10 times' }],
  ])('gives up what was interrupted too often: after %i of 3', (interruptions, expected) => {
    const outcome = policy.interrupted(delivery({ interruptions }), new Error('cut off'));
    expect(outcome).toMatchObject({ ...expected, failure: { kind: 'interrupted', message: 'cut off' } });
  });

  it.each([
    [0, 500],
    [0.5, 1_000],
    [1, 1_500],
  ])('moves a delay by its jitter: with %d to %i', (random, delay) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    expect(after(new Error('no'), { jitter: 0.5 })).toMatchObject({ delay });
  });

  it('asks for the delay of the attempt that failed, and tells why', () => {
    const error = new Error('no');
    const delay = jest.fn(() => 7);
    expect(after(error, { delay, attempts: 9 }, 3)).toMatchObject({ delay: 7 });
    expect(delay).toHaveBeenCalledWith(4, error);
  });

  it.each([
    [-5, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [Number.MAX_VALUE, CENTURY],
    [CENTURY - 1, CENTURY - 1],
  ])('stores a delay the database can hold: %d as %d', (delay, stored) => {
    expect(after(new Error('no'), { delay: () => delay })).toMatchObject({ delay: stored });
    const asked = Object.defineProperty(new RetryDelivery(1), 'delay', { value: delay });
    expect(after(asked)).toMatchObject({ delay: stored });
  });

  it('stores reasons of bounded length', () => {
    const long = 'x'.repeat(5_000);
    const reasons = [new NonRetryableError(long), new DiscardDelivery(long)].map((error) => after(error));
    reasons.push(after(new Error(long), { attempts: 1 }));
    expect(reasons.map((outcome) => ('reason' in outcome ? outcome.reason.length : 0))).toEqual([2_000, 2_000, 2_000]);
  });

  it.each([
    ['a proxy that refuses to be looked at', shy],
    ['nothing', undefined],
    ['a word', 'no'],
  ])('takes %s for a failure', (_, thrown) => {
    expect(after(thrown)).toMatchObject({ kind: 'postponed', failure: { kind: 'failed', stack: null } });
  });
});
