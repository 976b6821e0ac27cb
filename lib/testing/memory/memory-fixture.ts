import { EngineConnection } from '../../engine/database/engine-connection.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import type { StorageFixture } from '../contracts/storage-fixture.js';
import { MemoryPool } from './database/memory-pool.js';
import { MemoryActivityStore } from './engine/memory-activity-store.js';
import { MemoryDeliveryStore } from './engine/memory-delivery-store.js';
import { MemoryEventStore } from './engine/memory-event-store.js';
import { MemoryMaintenanceStore } from './engine/memory-maintenance-store.js';
import { MemoryReceiverControlStore } from './engine/memory-receiver-control-store.js';
import { MemoryRegistrationStore } from './engine/memory-registration-store.js';
import { MemoryWorkerDirectory } from './engine/memory-worker-directory.js';
import { MemoryJobStore } from './jobs/memory-job-store.js';
import { MemoryPendingStore } from './jobs/memory-pending-store.js';
import { MemoryTriggerStore } from './jobs/memory-trigger-store.js';
import { MemoryStorage } from './memory-storage.js';

const MAX_INTERRUPTIONS = 2;

/**
 * A storage in memory as the contract suites take it: with it, one port of one's own is checked beside those that fulfil the contracts.
 *
 * @param storage an empty one.
 * @publicApi
 */
export function memoryFixture(storage: MemoryStorage = new MemoryStorage()): StorageFixture {
  const { database, sessions, wakeUp, clock } = storage;
  const pool = new MemoryPool(database, {});
  return {
    events: new MemoryEventStore(database),
    deliveries: new MemoryDeliveryStore(database),
    registration: new MemoryRegistrationStore(database),
    jobs: new MemoryJobStore(database),
    triggers: new MemoryTriggerStore(database),
    pending: new MemoryPendingStore(database),
    controls: new MemoryReceiverControlStore(database),
    maintenance: new MemoryMaintenanceStore(database),
    activity: new MemoryActivityStore(database),
    directory: new MemoryWorkerDirectory(database),
    wakeUp,
    clock,
    connection: new EngineConnection(pool, false),
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work(new EngineConnection(client, false));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    session: (): WorkerSession => sessions.create({ maxInterruptions: MAX_INTERRUPTIONS }),
    fragile: async () => {
      const session = sessions.create({ maxInterruptions: MAX_INTERRUPTIONS });
      return {
        session,
        cut: () => session.interrupt(),
        mend: () => session.resume(),
        takenForDead: () => session.overtake(),
      };
    },
    maxInterruptions: MAX_INTERRUPTIONS,
    recorded: async (receiver) =>
      [...database.activity.rows.values()]
        .filter((one) => one.receiver === receiver)
        .map(({ worker, minute, counts }) => ({ worker, minute, ...counts })),
    close: async () => {
      await Promise.all(sessions.all().map((session) => session.stop()));
    },
  };
}
