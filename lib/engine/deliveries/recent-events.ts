import type { StoredEvent } from './stored-event.js';

const LARGEST = 4_096;

/**
 * Events that this process has just written or read, so that their receivers, claimed here at once or one after the other, need no read.
 * One whose transaction rolled back is never asked for.
 */
export class RecentEvents {
  private readonly events = new Map<string, StoredEvent>();

  /** @param capacity how many are kept; 0 where nothing is received. */
  constructor(private readonly capacity: number) {}

  /** Whether any is kept. */
  get keeps(): boolean {
    return this.capacity > 0;
  }

  find(id: string): StoredEvent | undefined {
    return this.events.get(id);
  }

  keep(event: StoredEvent): void {
    if (!this.keeps || event.payload.length > LARGEST) return;
    this.events.set(event.id, event);
    if (this.events.size <= this.capacity) return;
    const oldest = this.events.keys().next();
    if (oldest.done !== true) this.events.delete(oldest.value);
  }
}
