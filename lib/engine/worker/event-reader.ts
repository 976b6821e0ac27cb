import type { EngineDatabase } from '../database/engine-database.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import type { RecentEvents } from '../deliveries/recent-events.js';
import type { StoredEvent } from '../deliveries/stored-event.js';

/** Reads the events of claimed deliveries, those alone that are not known from just before. */
export class EventReader {
  constructor(
    private readonly database: EngineDatabase,
    private readonly store: DeliveryStore,
    private readonly recent: RecentEvents,
    private readonly answerLimit: number,
  ) {}

  /**
   * Reads all of them again from now on. A server that has taken another's place may not know the last that was written there, and gives
   * its ids to other events.
   */
  forget(): void {
    this.recent.clear();
  }

  /** The events by id; one that is missing was purged by hand. */
  async read(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>();
    const missing = new Set<string>();
    for (const id of ids) {
      const event = this.recent.find(id);
      if (event === undefined) missing.add(id);
      else found.set(id, event);
    }
    if (missing.size === 0) return found;
    const connection = this.database.connection.within(this.answerLimit);
    for (const event of await this.store.readEvents(connection, [...missing])) {
      found.set(event.id, event);
      // What one receiver alone is to hear is not asked for again.
      if (event.deliveries > 1) this.recent.keep(event);
    }
    return found;
  }
}
