/** A receiver whose deliveries nobody runs. */
export interface Orphan {
  readonly name: string;
  /** Ready deliveries, counted up to 1000. */
  readonly waiting: number;
}

/** What one batch of a purge came to. */
export interface PurgedBatch {
  readonly purged: number;
  /** Whether there may be more. */
  readonly full: boolean;
}

/** Purges what is past its retention, a batch at a time, and finds what nobody runs. */
export abstract class MaintenanceStore {
  /** Deletes events whose retention is over and to which no delivery and no dead letter refers. */
  abstract purgeEvents(): Promise<PurgedBatch>;

  /** Frees deduplication keys whose window is over. */
  abstract purgeDeduplication(): Promise<PurgedBatch>;

  /** Forgets what receivers did longer ago than anybody asks. */
  abstract purgeActivity(): Promise<PurgedBatch>;

  /** Forgets workers that ended long ago. */
  abstract purgeWorkers(): Promise<void>;

  /** Receivers with ready deliveries which no living worker has, at most 100. */
  abstract orphans(): Promise<readonly Orphan[]>;
}
