import type { EngineDatabase } from '../database/engine-database.js';
import type { DeliveryStore } from '../deliveries/delivery-store.js';
import type { StoredEvent } from '../deliveries/stored-event.js';

const REMEMBERED_EVENTS = 2_000;
const LARGEST_REMEMBERED = 4_096;

/** Reads the events of claimed deliveries; the receivers of one event, claimed one after the other, share a read. */
export class EventReader {
  private readonly remembered = new Map<string, StoredEvent>();

  constructor(
    private readonly database: EngineDatabase,
    private readonly store: DeliveryStore,
  ) {}

  /** The events by id; one that is missing was purged by hand. */
  async read(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>();
    const missing = new Set<string>();
    for (const id of ids) {
      const event = this.remembered.get(id);
      if (event === undefined) missing.add(id);
      else found.set(id, event);
    }
    if (missing.size === 0) return found;
    for (const event of await this.store.readEvents(this.database.connection, [...missing])) {
      found.set(event.id, event);
      this.remember(event);
    }
    return found;
  }

  private remember(event: StoredEvent): void {
    if (event.payload.length > LARGEST_REMEMBERED) return;
    this.remembered.set(event.id, event);
    if (this.remembered.size <= REMEMBERED_EVENTS) return;
    const oldest = this.remembered.keys().next();
    if (oldest.done !== true) this.remembered.delete(oldest.value);
  }
}
