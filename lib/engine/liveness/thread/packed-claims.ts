import type { ClaimedDelivery } from '../../deliveries/claimed-delivery.js';

const NUMBERS = 6;

/** Claimed deliveries for the way between two threads: as objects, each would be cloned with the name of every property. */
export interface PackedClaims {
  readonly eventIds: readonly string[];
  readonly readyXids: readonly string[];
  /** The other columns, one delivery after the other. */
  readonly numbers: Int32Array;
}

export function packClaims(deliveries: readonly ClaimedDelivery[]): PackedClaims {
  const numbers = new Int32Array(deliveries.length * NUMBERS);
  deliveries.forEach(({ receiver, version, priority, claims, attempts, interruptions }, index) => {
    numbers.set([receiver, version, priority, claims, attempts, interruptions], index * NUMBERS);
  });
  return {
    eventIds: deliveries.map(({ eventId }) => eventId),
    readyXids: deliveries.map(({ readyXid }) => readyXid),
    numbers,
  };
}

export function unpackClaims({ eventIds, readyXids, numbers }: PackedClaims): ClaimedDelivery[] {
  return eventIds.map((eventId, index) => {
    const at = (column: number): number => numbers[index * NUMBERS + column] ?? 0;
    return {
      eventId,
      receiver: at(0),
      version: at(1),
      priority: at(2),
      readyXid: readyXids[index] ?? '',
      claims: at(3),
      attempts: at(4),
      interruptions: at(5),
    };
  });
}
