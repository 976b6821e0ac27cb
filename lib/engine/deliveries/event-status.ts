/**
 * What became of an event at one of its receivers. `waiting`: ready for its first run; `delayed`: not due yet;
 * `retrying`: it failed and is run again; `delivered`: done; `discarded`: ended without being handled; `dead`: given up.
 *
 * @publicApi
 */
export type DeliveryState = 'waiting' | 'delayed' | 'retrying' | 'running' | 'delivered' | 'dead' | 'discarded';

/**
 * One receiver of an event.
 *
 * @publicApi
 */
export interface ReceiverStatus {
  readonly receiver: string;
  readonly state: DeliveryState;
  /** Failures so far; `null` once it is delivered. */
  readonly attempts: number | null;
  /** When it is due, while it is delayed or waits for its next attempt. */
  readonly dueAt: Date | null;
  /** Why it is dead or was discarded. */
  readonly reason: string | null;
}

/**
 * What became of an event.
 *
 * @publicApi
 */
export interface EventStatus {
  readonly id: string;
  readonly name: string;
  readonly emittedAt: Date;
  /** Every receiver it was fanned out to. */
  readonly receivers: readonly ReceiverStatus[];
}
