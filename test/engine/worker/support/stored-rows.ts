import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { StoredEvent } from '../../../../lib/engine/deliveries/stored-event.js';

/** An event as it is read, with nothing but its id of its own. */
export function storedEvent(id: string): StoredEvent {
  return {
    id,
    name: 'order.paid',
    version: 1,
    payload: '{}',
    headers: {},
    correlationId: null,
    tenant: null,
    key: null,
    createdAt: new Date(0),
    deliveries: 1,
  };
}

/** Its delivery as it is claimed for the first time. */
export function claimedDelivery(eventId: string, priority = 4): ClaimedDelivery {
  return { eventId, receiver: 1, version: 1, priority, readyXid: '1', claims: 1, attempts: 0, interruptions: 0 };
}
