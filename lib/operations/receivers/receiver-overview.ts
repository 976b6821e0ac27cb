import type { RegisteredReceiver } from '../../engine/receivers/registered-receiver.js';
import type { CappedCount } from '../paging/page.js';

/**
 * What a receiver did within the last minutes, in all processes; counts of the last ten seconds or so may not be in it yet.
 *
 * @publicApi
 */
export interface ReceiverActivity {
  /** The minutes it is about, the present one included. */
  readonly minutes: number;
  /** Runs that ended well, discards included. */
  readonly succeeded: number;
  /** Runs that failed, the last ones of dead letters included. */
  readonly failed: number;
  /** Deliveries that became dead letters. */
  readonly dead: number;
  /** Runs that were cut short by the end of their process. */
  readonly interrupted: number;
  /** Runs that ended well or failed, a minute. */
  readonly perMinute: number;
  /** Share of them that failed, 0 to 1; `null` when there were none. */
  readonly failureRate: number | null;
  /** Milliseconds a run took; `null` when there were none. */
  readonly averageDuration: number | null;
}

/**
 * Deliveries that nobody can run as things are.
 *
 * @publicApi
 */
export interface ReceiverOrphans {
  /** No live process has the receiver, or none understands the version of the event. */
  readonly reason: 'process' | 'version';
  readonly waiting: CappedCount;
}

/**
 * A registered receiver and how it is doing.
 *
 * @publicApi
 */
export interface ReceiverOverview extends RegisteredReceiver {
  /** Ids of the live processes that have it. */
  readonly processes: readonly string[];
  /** Deliveries that are ready and that nobody has taken yet. */
  readonly waiting: CappedCount;
  /** How long the first of them has been ready, in milliseconds; `null` when there is none. */
  readonly oldestWaiting: number | null;
  readonly activity: ReceiverActivity;
  /** `null` when there are none. */
  readonly orphans: ReceiverOrphans | null;
}
