import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type ClaimedDelivery, deliveryId } from '../deliveries/claimed-delivery.js';
import type { Outcome } from '../deliveries/outcome.js';
import type { StoredEvent } from '../deliveries/stored-event.js';
import type { EventReader } from './event-reader.js';
import { HeldDelivery } from './held-delivery.js';
import type { WaitingDelivery } from './receiver-lane.js';
import { Roster } from './roster.js';
import type { Suspects } from './suspects.js';

const SUSPECT_PAUSE = 500;
const READ_PAUSE = 500;

/** What of a claim reached the lane of one receiver. */
export interface Arrival {
  readonly receiver: number;
  /** What may run. */
  readonly waiting: readonly WaitingDelivery[];
  /** How many were expected, those included that may not. */
  readonly expected: number;
}

/** Takes claimed deliveries in: knows what this process holds, reads the events, and turns away what may not run here now. */
export class Intake {
  private readonly logger = new Logger('Worker');
  private readonly held = new Roster<HeldDelivery>();
  private readonly closing = new AbortController();
  private readonly reading = new Set<Promise<unknown>>();

  /** @param settle writes what becomes of a delivery that is turned away. */
  constructor(
    private readonly events: Pick<EventReader, 'read'>,
    private readonly suspects: Suspects,
    private readonly settle: (delivery: ClaimedDelivery, outcome: Outcome) => void,
  ) {}

  /** Everything this process holds, from the claim to the written outcome. */
  get holdings(): readonly ClaimedDelivery[] {
    return [...this.held];
  }

  /** Hands back whatever still comes in. Resolves when that is done with what was being taken in. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.reading);
  }

  /** A delivery's outcome is written. */
  release(delivery: ClaimedDelivery): void {
    if (delivery instanceof HeldDelivery) this.held.delete(delivery);
    this.suspects.release(delivery);
  }

  /** Every claim was lost; claims whose events are being read are dropped when they arrive. */
  forget(isRunning: (id: string) => boolean): void {
    this.held.clear();
    this.suspects.releaseUnless(isRunning);
  }

  /** Takes a claim in, and says what of it reached which lane. */
  async take(deliveries: readonly ClaimedDelivery[]): Promise<readonly Arrival[]> {
    const taken = deliveries.map((delivery) => new HeldDelivery(delivery));
    for (const delivery of taken) this.held.add(delivery);
    const reading = this.read(taken);
    this.reading.add(reading);
    const events = await reading;
    this.reading.delete(reading);
    const arrivals = new Map<number, { receiver: number; waiting: WaitingDelivery[]; expected: number }>();
    for (const delivery of taken) {
      const { receiver } = delivery;
      let arrival = arrivals.get(receiver);
      if (arrival === undefined) arrivals.set(receiver, (arrival = { receiver, waiting: [], expected: 0 }));
      arrival.expected += 1;
      const event = events.get(delivery.eventId);
      if (!this.held.has(delivery)) continue;
      if (this.closed) this.settle(delivery, { kind: 'interrupted', failure: null });
      else if (event === undefined) this.buryWithoutEvent(delivery);
      else if (this.mayHold(delivery)) arrival.waiting.push({ delivery, event });
    }
    return [...arrivals.values()];
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /**
   * Reads events until it works: the claims are held, and going on without would lose them until this process ends. What may be too large
   * to be read at once is halved with each failure, and doubled again with each success. What is handed back needs none.
   */
  private async read(deliveries: readonly ClaimedDelivery[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const ids = deliveries.map((delivery) => delivery.eventId);
    const events = new Map<string, StoredEvent>();
    let [next, size] = [0, ids.length];
    while (next < ids.length && !this.closed) {
      const part = ids.slice(next, next + size);
      try {
        for (const [id, event] of await this.events.read(part)) events.set(id, event);
        next += part.length;
        size *= 2;
      } catch (error) {
        this.logger.warn(`${part.length} claimed events could not be read and are read again: ${String(error)}`);
        size = Math.max(1, Math.floor(part.length / 2));
        // It rejects only when the worker stops meanwhile, which the loop looks at next.
        await pause(READ_PAUSE, undefined, { ref: false, signal: this.closing.signal }).catch(() => undefined);
      }
    }
    return events;
  }

  private buryWithoutEvent(delivery: ClaimedDelivery): void {
    const reason = 'its event is gone';
    this.logger.error(`Delivery ${deliveryId(delivery)} is a dead letter now: ${reason}; somebody deleted the row`);
    this.settle(delivery, { kind: 'dead', reason, failure: null });
  }

  private mayHold(delivery: ClaimedDelivery): boolean {
    if (this.suspects.mayHold(delivery)) return true;
    this.settle(delivery, { kind: 'postponed', delay: SUSPECT_PAUSE * (1 + Math.random()), failure: null });
    return false;
  }
}
