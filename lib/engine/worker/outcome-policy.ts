import { ClaimLostError } from '../../errors/claim-lost.error.js';
import { DeliveryTimeoutError } from '../../errors/delivery-timeout.error.js';
import { DiscardDelivery } from '../../errors/discard-delivery.error.js';
import { NonRetryableError } from '../../errors/non-retryable.error.js';
import { RetryDelivery } from '../../errors/retry-delivery.error.js';
import { WorkerShutdownError } from '../../errors/worker-shutdown.error.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { Outcome, RunFailure } from '../deliveries/outcome.js';
import type { Receiver } from '../receivers/receiver.js';
import { describeError, type RedactText } from '../text/describe-error.js';
import { storableText } from '../text/storable-text.js';

const REASON_LIMIT = 2_000;
/** A century, in milliseconds. */
const LONGEST_DELAY = 100 * 365 * 86_400_000;

/** The one place that decides what a run led to. */
export class OutcomePolicy {
  /**
   * @param maxInterruptions interruptions after which a delivery is given up: one that keeps killing its process must not take the
   * fleet down.
   * @param redact takes secrets out of every text before it is stored.
   */
  constructor(
    private readonly maxInterruptions: number,
    private readonly redact: RedactText,
  ) {}

  /** The outcome of a run that threw `error`, given why it was aborted, if it was. */
  afterError(delivery: ClaimedDelivery, receiver: Receiver, error: unknown, aborted: Error | undefined): Outcome {
    if (isA(ClaimLostError, error) || aborted instanceof ClaimLostError) return { kind: 'lost' };
    if (isA(DiscardDelivery, error)) return { kind: 'discarded', reason: this.messageOf(error) };
    if (isA(RetryDelivery, error)) return { kind: 'postponed', delay: storableDelay(error.delay), failure: null };
    if (aborted instanceof WorkerShutdownError) return this.interrupted(delivery, aborted);
    return this.failed(delivery, receiver, aborted instanceof DeliveryTimeoutError ? aborted : error);
  }

  /** The outcome of a run that was cut short by the end of its process. */
  interrupted(delivery: ClaimedDelivery, error: Error): Outcome {
    const failure = this.describe('interrupted', delivery, error);
    const interruptions = delivery.interruptions + 1;
    return interruptions < this.maxInterruptions
      ? { kind: 'interrupted', failure }
      : { kind: 'dead', reason: `interrupted ${interruptions} times`, failure };
  }

  private failed(delivery: ClaimedDelivery, receiver: Receiver, error: unknown): Outcome {
    const failure = this.describe(isA(DeliveryTimeoutError, error) ? 'timeout' : 'failed', delivery, error);
    const attempts = delivery.attempts + 1;
    if (isA(NonRetryableError, error) || isFinal(receiver, error)) {
      return { kind: 'dead', reason: storableText(`not retryable: ${failure.message}`, REASON_LIMIT), failure };
    }
    if (attempts >= receiver.retry.attempts) {
      return {
        kind: 'dead',
        reason: storableText(`failed ${attempts} times: ${failure.message}`, REASON_LIMIT),
        failure,
      };
    }
    const delay = jittered(receiver.retry.delay(attempts, error), receiver.retry.jitter);
    return { kind: 'postponed', delay: storableDelay(delay), failure };
  }

  private describe(kind: RunFailure['kind'], delivery: ClaimedDelivery, error: unknown): RunFailure {
    return { kind, at: new Date().toISOString(), attempt: delivery.attempts + 1, ...describeError(error, this.redact) };
  }

  /** Redacted already. */
  private messageOf(error: unknown): string {
    return storableText(describeError(error, this.redact).message, REASON_LIMIT);
  }
}

/** `instanceof` that never throws: what is thrown may be a proxy that refuses to be looked at. */
function isA<Kind extends Error>(errorClass: abstract new (...args: never[]) => Kind, error: unknown): error is Kind {
  try {
    return error instanceof errorClass;
  } catch {
    return false;
  }
}

function isFinal(receiver: Receiver, error: unknown): boolean {
  try {
    return receiver.retry.isFinal(error);
  } catch {
    return false;
  }
}

function jittered(delay: number, jitter: number): number {
  return Math.max(0, delay * (1 + jitter * (2 * Math.random() - 1)));
}

/** A subclass may have set anything, and a time the database cannot reach would fail the whole batch. */
function storableDelay(delay: number): number {
  return Number.isFinite(delay) ? Math.min(Math.max(delay, 0), LONGEST_DELAY) : 0;
}
