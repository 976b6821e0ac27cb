import { ActivityStore } from '../../../engine/activity/activity-store.port.js';

/** Keeps no counts of runs: what reads them works on a database alone. */
export class MemoryActivityStore extends ActivityStore {
  async record(): Promise<void> {
    // Nobody could read it.
  }
}
