import type { ActivityCounts } from '../../../engine/activity/activity-counts.js';
import { ActivityStore } from '../../../engine/activity/activity-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import { activityKey } from './activity-key.js';

const MINUTE = 60_000;

/** Counts in memory what runs led to, minute by minute. */
export class MemoryActivityStore extends ActivityStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async record(worker: number, _inFlight: number, counts: ReadonlyMap<number, ActivityCounts>): Promise<void> {
    const { activity } = this.database;
    await this.database.transaction(async (transaction) => {
      const minute = new Date(Math.floor(transaction.startedAt.getTime() / MINUTE) * MINUTE);
      for (const [receiver, added] of counts) {
        const key = activityKey({ receiver, minute, worker });
        const before = await transaction.findForUpdate(activity, key);
        transaction.put(activity, key, { receiver, minute, worker, counts: sum(before?.counts, added) });
      }
    });
  }
}

function sum(before: ActivityCounts | undefined, added: ActivityCounts): ActivityCounts {
  if (before === undefined) return added;
  return {
    succeeded: before.succeeded + added.succeeded,
    failed: before.failed + added.failed,
    dead: before.dead + added.dead,
    interrupted: before.interrupted + added.interrupted,
    milliseconds: before.milliseconds + added.milliseconds,
  };
}
