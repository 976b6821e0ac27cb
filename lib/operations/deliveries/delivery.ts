import type { RunFailure } from '../../engine/deliveries/outcome.js';
import type { EventDetails } from '../events/recorded-event.js';

/**
 * What an open delivery is doing. `waiting`: ready for its first run; `delayed`: not due yet; `retrying`: it failed and is run again;
 * `running`: a worker has it.
 *
 * @publicApi
 */
export type OpenDeliveryState = 'waiting' | 'delayed' | 'retrying' | 'running';

/**
 * What one receiver still has to do with one event.
 *
 * @publicApi
 */
export interface Delivery {
  /** The event's id and the receiver's number, as receivers see it in their context. */
  readonly id: string;
  readonly eventId: string;
  readonly event: string;
  readonly receiver: string;
  readonly state: OpenDeliveryState;
  /** 0 runs first, 7 last. */
  readonly priority: number;
  /** Failures so far. */
  readonly attempts: number;
  /** Deploys and crashes that cut a run short; they cost no attempt. */
  readonly interruptions: number;
  /** Name of the last error; `null` while it never failed. */
  readonly error: string | null;
  readonly message: string | null;
  /** Group of its last error, see {@link Deliveries.errors}. */
  readonly errorGroup: string | null;
  /** When it becomes ready; `null` when it is. */
  readonly dueAt: Date | null;
  /** Since when a worker has it. */
  readonly claimedAt: Date | null;
  readonly emittedAt: Date;
  readonly tenant: string | null;
  readonly correlationId: string | null;
  readonly key: string | null;
}

/**
 * A failed or interrupted run. Of many, the first and the last alone have message and stack.
 *
 * @publicApi
 */
export type DeliveryFailure = Omit<RunFailure, 'message' | 'stack'> & Partial<Pick<RunFailure, 'message' | 'stack'>>;

/**
 * An open delivery with everything that is known of it.
 *
 * @publicApi
 */
export interface DeliveryDetails extends Delivery {
  readonly failures: readonly DeliveryFailure[];
  readonly recordedEvent: EventDetails;
  /** Who has it while it runs. */
  readonly worker: { readonly id: number; readonly host: string; readonly pid: number } | null;
}
