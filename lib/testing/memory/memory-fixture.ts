import { EngineConnection } from '../../engine/database/engine-connection.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import type { StorageFixture } from '../contracts/storage-fixture.js';
import { MemoryPool } from './database/memory-pool.js';
import { MemoryDeliveryStore } from './engine/memory-delivery-store.js';
import { MemoryEventStore } from './engine/memory-event-store.js';
import { MemoryRegistrationStore } from './engine/memory-registration-store.js';
import { MemoryJobStore } from './jobs/memory-job-store.js';
import { MemoryStorage } from './memory-storage.js';

const MAX_INTERRUPTIONS = 5;

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
    close: async () => {
      await Promise.all(sessions.all().map((session) => session.stop()));
    },
  };
}
