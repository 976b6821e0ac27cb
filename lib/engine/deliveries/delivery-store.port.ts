import type { EngineConnection } from '../database/engine-connection.js';
import type { ClaimedDelivery } from './claimed-delivery.js';
import type { SettledDelivery } from './outcome.js';
import type { StoredEvent } from './stored-event.js';

/** Reads the events of claimed deliveries and writes what became of them. Every write is fenced by the claim's number. */
export abstract class DeliveryStore {
  /** The events with the given ids, those that exist. */
  abstract readEvents(connection: EngineConnection, ids: readonly string[]): Promise<StoredEvent[]>;

  /**
   * Acknowledges deliveries.
   *
   * @returns those of the given ones whose claim still held; a loser is missing from it and changed nothing.
   */
  abstract acknowledge(
    connection: EngineConnection,
    deliveries: readonly ClaimedDelivery[],
  ): Promise<Set<ClaimedDelivery>>;

  /**
   * Writes outcomes other than success: postponed, handed back, dead and discarded ones.
   *
   * @returns those of the given ones whose claim still held.
   */
  abstract settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<ClaimedDelivery>>;
}
