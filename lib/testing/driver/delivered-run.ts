/**
 * What one run of a receiver led to.
 *
 * - `succeeded`: the delivery is done.
 * - `retried`: it is run again, because it failed or because the receiver asked for it.
 * - `dead`, `discarded`: it is a dead letter now.
 * - `interrupted`, `lost`: as a worker has it, when a run is cut short or its claim is another's by then.
 *
 * @publicApi
 */
export type RunOutcome = 'succeeded' | 'retried' | 'dead' | 'discarded' | 'interrupted' | 'lost';

/**
 * One run of a receiver, as a test sees it.
 *
 * @publicApi
 */
export interface DeliveredRun {
  readonly receiver: string;
  /** Name of the event. */
  readonly event: string;
  /** The event as its receivers get it: an instance of its class, when it has one. */
  readonly payload: unknown;
  readonly eventId: string;
  /** 1 on the first run. */
  readonly attempt: number;
  readonly outcome: RunOutcome;
  /** What the receiver threw, as it was thrown; `undefined` when it returned. */
  readonly error: unknown;
  /** Whether the run failed: it threw something that asks neither for a retry nor to be discarded. */
  readonly failed: boolean;
  /** Milliseconds until it is run again; `null` when it is not. */
  readonly retryIn: number | null;
  /** Why it is a dead letter; `null` when it is none. */
  readonly reason: string | null;
}
