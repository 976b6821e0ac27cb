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
