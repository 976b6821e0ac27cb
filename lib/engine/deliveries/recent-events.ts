import type { StoredEvent } from './stored-event.js';

const LARGEST = 4_096;

/**
 * Events that this process has just written or read, so that their receivers, claimed here at once or one after the other, need no read.
 * One whose transaction rolled back is never asked for.
 *
 * Ids are drawn one after the other, so each has a place of its own until as many later ones were kept.
 */
export class RecentEvents {
  private readonly events: (StoredEvent | undefined)[];

  /** @param capacity how many are kept; 0 where nothing is received. */
  constructor(private readonly capacity: number) {
    this.events = new Array<undefined>(capacity).fill(undefined);
  }

  /** Whether any is kept. */
  get keeps(): boolean {
    return this.capacity > 0;
  }

  find(id: string): StoredEvent | undefined {
    const event = this.events[this.placeOf(id)];
    return event?.id === id ? event : undefined;
  }

  keep(event: StoredEvent): void {
    if (this.keeps && event.payload.length <= LARGEST) this.events[this.placeOf(event.id)] = event;
  }

  /** Knows of none any more. */
  clear(): void {
    this.events.fill(undefined);
  }

  /** Ids beyond what JavaScript's numbers are exact for share places, which is as good. */
  private placeOf(id: string): number {
    return Number(id) % this.capacity;
  }
}
