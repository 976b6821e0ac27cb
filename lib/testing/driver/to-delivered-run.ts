import type { Outcome } from '../../engine/deliveries/outcome.js';
import type { DeliveredRun, RunOutcome } from './delivered-run.js';

/** A run, as far as it is told of. */
interface EndedRun {
  readonly receiverId: string;
  readonly eventName: string;
  readonly eventId: string;
  readonly attempt: number;
}

const OUTCOMES: Readonly<Record<Outcome['kind'], RunOutcome>> = {
  acknowledged: 'succeeded',
  committed: 'succeeded',
  postponed: 'retried',
  dead: 'dead',
  discarded: 'discarded',
  interrupted: 'interrupted',
  lost: 'lost',
};

/** A run and what became of it, as a test sees it. */
export function toDeliveredRun(
  run: EndedRun,
  { outcome, error }: { readonly outcome: Outcome; readonly error: unknown },
  payload: unknown,
): DeliveredRun {
  return {
    receiver: run.receiverId,
    event: run.eventName,
    payload,
    eventId: run.eventId,
    attempt: run.attempt,
    outcome: OUTCOMES[outcome.kind],
    error,
    failed: isFailure(outcome, error),
    retryIn: outcome.kind === 'postponed' ? outcome.delay : null,
    reason: outcome.kind === 'dead' || outcome.kind === 'discarded' ? outcome.reason : null,
  };
}

function isFailure(outcome: Outcome, error: unknown): boolean {
  if (outcome.kind === 'committed') return error !== undefined;
  return (outcome.kind === 'postponed' || outcome.kind === 'dead') && outcome.failure !== null;
}
