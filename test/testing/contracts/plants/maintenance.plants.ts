import type { PurgedBatch } from '../../../../lib/engine/maintenance/maintenance-store.port.js';
import type { MemoryStorage } from '../../../../lib/testing/index.js';
import { changed, type Plant } from './plant.js';

const contract = 'maintenance store';
const NOTHING: PurgedBatch = { purged: 0, full: false };

/** Purges what is past its retention, whatever refers to it. */
async function purgeOld({ database: { events, clock } }: MemoryStorage): Promise<PurgedBatch> {
  const old = [...events.rows.values()].filter(({ retainUntil }) => retainUntil <= clock.now());
  for (const { id } of old) events.rows.delete(id);
  return { purged: old.length, full: false };
}

export const maintenancePlants: readonly Plant[] = [
  {
    contract,
    what: 'purges before the time',
    plant: ({ database }, { maintenance }) => ({
      maintenance: changed(maintenance, {
        purgeEvents: async () => {
          const purged = database.events.rows.size;
          database.events.rows.clear();
          return { purged, full: false };
        },
      }),
    }),
    found: /purges events whose retention is over/,
  },
  {
    contract,
    what: 'purges what is still to be delivered',
    plant: (storage, { maintenance }) => ({
      maintenance: changed(maintenance, { purgeEvents: () => purgeOld(storage) }),
    }),
    found: /to which a delivery refers/,
  },
  {
    contract,
    what: 'purges what a dead letter is about',
    plant: ({ database }, { maintenance }) => ({
      maintenance: changed(maintenance, {
        purgeEvents: () => {
          database.deadLetters.rows.clear();
          return maintenance.purgeEvents();
        },
      }),
    }),
    found: /keeps events of dead letters/,
  },
  {
    contract,
    what: 'does not say that there is more',
    plant: (_, { maintenance }) => ({
      maintenance: changed(maintenance, {
        purgeEvents: async () => ({ ...(await maintenance.purgeEvents()), full: false }),
      }),
    }),
    found: /purges everything in the end/,
  },
  {
    contract,
    what: 'counts what others purged',
    plant: (_, { maintenance }) => {
      let running: Promise<PurgedBatch> | undefined;
      const purgeEvents = (): Promise<PurgedBatch> =>
        (running ??= maintenance.purgeEvents().finally(() => (running = undefined)));
      return { maintenance: changed(maintenance, { purgeEvents }) };
    },
    found: /purges each event once/,
  },
  {
    contract,
    what: 'frees every key',
    plant: ({ database: { deduplication } }, { maintenance }) => ({
      maintenance: changed(maintenance, {
        purgeDeduplication: async () => {
          const purged = deduplication.rows.size;
          deduplication.rows.clear();
          return { purged, full: false };
        },
      }),
    }),
    found: /frees deduplication keys/,
  },
  {
    contract,
    what: 'takes what is delayed for waiting',
    plant: ({ database: { deliveries, receivers } }, { maintenance }) => ({
      maintenance: changed(maintenance, {
        orphans: async () => {
          const waiting = [...deliveries.rows.values()].map(({ receiver }) => receiver);
          return [...receivers.rows.values()].map(({ name, number }) => ({
            name,
            waiting: waiting.filter((one) => one === number).length,
          }));
        },
      }),
    }),
    found: /finds receivers with ready deliveries/,
  },
  {
    contract,
    what: 'forgets the living',
    plant: ({ database }, { maintenance }) => ({
      maintenance: changed(maintenance, { purgeWorkers: async () => database.workers.rows.clear() }),
    }),
    found: /forgets no worker that lives/,
  },
  {
    contract: 'activity store',
    what: 'is never forgotten',
    plant: (_, { maintenance }) => ({ maintenance: changed(maintenance, { purgeActivity: async () => NOTHING }) }),
    found: /forgotten after a day/,
  },
];
