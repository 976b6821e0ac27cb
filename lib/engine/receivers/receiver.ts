import type { DeliveryContext, TransactionalContext } from '../deliveries/delivery-context.js';
import type { ReceivedEvent } from '../deliveries/stored-event.js';

/** A name, or a wildcard such as `order.*`, that a receiver listens to. */
export interface Subscription {
  readonly pattern: string;
  /** Highest event version the receiver understands; `null` when it takes payloads of any version. */
  readonly version: number | null;
}

/** How failures of one receiver are retried. */
export interface RetryPolicy {
  /** Failures after which a delivery becomes a dead letter; at least 1. */
  readonly attempts: number;
  /** Milliseconds until the next run after the given failure (1 for the first), before jitter; it may look at the error. */
  delay(attempt: number, error: unknown): number;
  /** Share of the delay, 0 to 1, by which it is moved at random. */
  readonly jitter: number;
  /** Whether the error makes further runs pointless. */
  isFinal(error: unknown): boolean;
}

/** Which events get to a receiver: those sent in its process, those with a delivery, or both. */
export type ReceiverReach = 'both' | 'inProcess' | 'reliable';

/** A registered receiver: what the engine needs to know to fan out to it, claim for it and run it. */
export interface Receiver {
  /** Stable name, kept in the database. */
  readonly id: string;
  /** Former names; the registration row is renamed, so deliveries written under them arrive here. */
  readonly aliases: readonly string[];
  readonly subscriptions: readonly Subscription[];
  /** The only sender whose events it is run for; `null` for any. */
  readonly sender: string | null;
  readonly reach: ReceiverReach;
  readonly retry: RetryPolicy;
  /** Milliseconds a run may take; `null` for no limit. */
  readonly timeout: number | null;
  /** Runs of this receiver at once in this process; `null` for the worker's default. */
  readonly concurrency: number | null;
  /** Whether a transaction is opened for the handler before it runs. */
  readonly transactional: boolean;
  /** Of a transactional receiver, how many deliveries one transaction may hold; left out, each has its own. */
  readonly groupCommit?: number;
  /** Decodes the event and calls the handler. What it throws decides the outcome. */
  invoke(event: ReceivedEvent, context: DeliveryContext | TransactionalContext): Promise<unknown>;
}
