import { type AnnouncedReceiver, WorkerDirectory } from '../../../engine/worker/worker-directory.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';

/** Says in memory which receivers a worker has. */
export class MemoryWorkerDirectory extends WorkerDirectory {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  announce(workerId: number, receivers: readonly AnnouncedReceiver[]): Promise<void> {
    const { workers } = this.database;
    return this.database.transaction((transaction) => {
      const worker = transaction.find(workers, String(workerId));
      if (worker === undefined) return;
      transaction.put(workers, String(workerId), { ...worker, receivers: receivers.map(({ number }) => number) });
    });
  }
}
