import type { Delivery, DeliveryFailure } from '../deliveries/delivery.js';
import type { EventDetails } from '../events/recorded-event.js';

/**
 * How a delivery ended that was not handled: given up by the engine, or discarded by its receiver or by hand.
 *
 * @publicApi
 */
export type DeadLetterKind = 'dead' | 'discarded';

/**
 * A delivery that ended without having been handled.
 *
 * @publicApi
 */
export interface DeadLetter extends Omit<Delivery, 'state' | 'dueAt' | 'claimedAt'> {
  readonly deliveryId: string;
  readonly kind: DeadLetterKind;
  /** Why it was given up or discarded. */
  readonly reason: string;
  readonly diedAt: Date;
}

/**
 * A dead letter with everything that is known of it.
 *
 * @publicApi
 */
export interface DeadLetterDetails extends DeadLetter {
  readonly failures: readonly DeliveryFailure[];
  readonly recordedEvent: EventDetails;
}

/**
 * Dead letters of one receiver that ended with the same error: numbers, uuids and quoted text in the message apart.
 *
 * @publicApi
 */
export interface ErrorGroup {
  readonly receiver: string;
  /** What `errorGroup` of a filter takes. */
  readonly errorGroup: string;
  /** Name of the error; `null` when none led to the end, as when a delivery was interrupted too often. */
  readonly error: string | null;
  /** The message with `#` for numbers and uuids and `…` for quoted text. */
  readonly message: string;
  /** Up to 10,000. */
  readonly count: number;
  readonly capped: boolean;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}
