import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import { ReceiverControlStore } from '../../../engine/receivers/receiver-control-store.port.js';
import type { ReceiverControl } from '../../../engine/receivers/receiver-control.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryReceiver } from '../database/memory-rows.js';
import { controlsOf } from './controls-of.js';

/** Keeps in memory what operators decided about receivers. */
export class MemoryReceiverControlStore extends ReceiverControlStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  read(connection: EngineConnection): Promise<readonly ReceiverControl[]> {
    return this.database.run(connection, (transaction) => controlsOf(transaction.all(this.database.receivers)));
  }

  pause(connection: EngineConnection, name: string, actor: string): Promise<boolean> {
    return this.change(connection, name, ({ pausedAt, pausedBy }) =>
      pausedAt === null ? { pausedAt: this.database.clock.now(), pausedBy: actor } : { pausedAt, pausedBy },
    );
  }

  resume(connection: EngineConnection, name: string): Promise<boolean> {
    return this.change(connection, name, () => ({ pausedAt: null, pausedBy: null }));
  }

  setConcurrency(connection: EngineConnection, name: string, concurrency: number | null): Promise<boolean> {
    return this.change(connection, name, () => ({ concurrency }));
  }

  private change(
    connection: EngineConnection,
    name: string,
    changeOf: (row: MemoryReceiver) => Partial<MemoryReceiver>,
  ): Promise<boolean> {
    return this.database.run(connection, (transaction) => {
      const row = transaction.all(this.database.receivers).find((receiver) => receiver.name === name);
      if (row === undefined) return false;
      transaction.put(this.database.receivers, String(row.number), { ...row, ...changeOf(row) });
      return true;
    });
  }
}
