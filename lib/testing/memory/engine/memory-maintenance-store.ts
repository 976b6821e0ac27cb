import { MaintenanceStore, type Orphan, type PurgedBatch } from '../../../engine/maintenance/maintenance-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import { activityKey } from './activity-key.js';
import { compare, compareIds, later } from './memory-order.js';

const BATCH = 500;
const MOST_ORPHANS = 100;
const MINUTE = 60_000;
const DAY = 86_400_000;
const ACTIVITY_KEPT = 90_000_000;

/** Purges memory of what is past its retention, and finds what nobody runs. */
export class MemoryMaintenanceStore extends MaintenanceStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  purgeEvents(): Promise<PurgedBatch> {
    const { events, deliveries, deadLetters, clock } = this.database;
    return this.database.transaction((transaction) => {
      const now = clock.now();
      // What somebody else is about to purge is left to them.
      const candidates = transaction
        .all(events)
        .filter(({ retainUntil }) => retainUntil <= now)
        .sort((a, b) => compare(a.retainUntil, b.retainUntil) || compareIds(a.id, b.id))
        .slice(0, BATCH)
        .flatMap(({ id }) => transaction.findUnlocked(events, id) ?? []);
      const letters = transaction.all(deadLetters);
      const referred = new Set([
        ...transaction.all(deliveries).map(({ eventId }) => eventId),
        ...letters.filter(({ kind }) => kind === 'dead').map(({ eventId }) => eventId),
      ]);
      let purged = 0;
      for (const event of candidates) {
        if (referred.has(event.id)) {
          const age = now.getTime() - event.createdAt.getTime();
          transaction.put(events, event.id, {
            ...event,
            retainUntil: later(now, Math.max(MINUTE, Math.min(DAY, age))),
          });
          continue;
        }
        purged += 1;
        transaction.put(events, event.id, undefined);
        for (const letter of letters.filter(({ eventId }) => eventId === event.id))
          transaction.put(deadLetters, letter.id, undefined);
      }
      return { purged, full: candidates.length >= BATCH };
    });
  }

  purgeDeduplication(): Promise<PurgedBatch> {
    const { deduplication, clock } = this.database;
    return this.database.transaction((transaction) => {
      const over = transaction
        .all(deduplication)
        .filter(({ until }) => until <= clock.now())
        .flatMap(({ key }) => transaction.findUnlocked(deduplication, key) ?? []);
      for (const { key } of over) transaction.put(deduplication, key, undefined);
      return { purged: over.length, full: false };
    });
  }

  purgeActivity(): Promise<PurgedBatch> {
    const { activity, clock } = this.database;
    return this.database.transaction((transaction) => {
      const since = later(clock.now(), -ACTIVITY_KEPT);
      const old = transaction
        .all(activity)
        .filter(({ minute }) => minute < since)
        .flatMap((one) => transaction.findUnlocked(activity, activityKey(one)) ?? []);
      for (const one of old) transaction.put(activity, activityKey(one), undefined);
      return { purged: old.length, full: false };
    });
  }

  async purgeWorkers(): Promise<void> {
    // Those of one test are few.
  }

  orphans(): Promise<readonly Orphan[]> {
    const { receivers, workers, deliveries } = this.database;
    return this.database.transaction((transaction) => {
      const served = new Set(
        transaction
          .all(workers)
          .filter(({ live }) => live)
          .flatMap((worker) => worker.receivers),
      );
      const ready = transaction.all(deliveries).filter(({ readyXid }) => readyXid !== null);
      return transaction
        .all(receivers)
        .filter(({ number }) => !served.has(number))
        .map(({ name, number }) => ({ name, waiting: ready.filter(({ receiver }) => receiver === number).length }))
        .filter(({ waiting }) => waiting > 0)
        .sort((a, b) => compare(a.name, b.name))
        .slice(0, MOST_ORPHANS);
    });
  }
}
