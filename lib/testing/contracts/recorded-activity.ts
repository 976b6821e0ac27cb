import type { ActivityCounts } from '../../engine/activity/activity-counts.js';

/**
 * What runs of a receiver in one worker led to within a minute, as a storage keeps it.
 *
 * @publicApi
 */
export interface RecordedActivity extends ActivityCounts {
  readonly worker: number;
  readonly minute: Date;
}
