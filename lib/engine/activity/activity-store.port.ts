import type { ActivityCounts } from './activity-counts.js';

/** Writes what the runs of a worker led to. */
export abstract class ActivityStore {
  /**
   * Adds counts by receiver to those of the present minute.
   *
   * @param inFlight runs of the worker at this moment.
   */
  abstract record(workerId: number, inFlight: number, counts: ReadonlyMap<number, ActivityCounts>): Promise<void>;
}
