import type { ActivityCounts } from '../../../engine/activity/activity-counts.js';
import type { RunFailure } from '../../../engine/deliveries/outcome.js';
import type { StoredEvent } from '../../../engine/deliveries/stored-event.js';
import type { RegisteredReceiver } from '../../../engine/receivers/registered-receiver.js';
import type { Job } from '../../../jobs/model/job.js';
import type { JobSubject, RememberedCompletion } from '../../../jobs/store/job-store.port.js';

/** An event as it is kept in memory. */
export interface MemoryEvent extends Omit<StoredEvent, 'deliveries'> {
  readonly tags: readonly string[];
  /** Numbers of the receivers it was fanned out to. */
  readonly receivers: readonly number[];
  readonly retainUntil: Date;
}

/** A delivery as it is kept in memory. */
export interface MemoryDelivery {
  readonly eventId: string;
  readonly receiver: number;
  readonly version: number;
  readonly priority: number;
  readonly lane: number | null;
  /** Place in the ready order; `null` while it is not due. */
  readonly readyXid: bigint | null;
  readonly dueAt: Date | null;
  readonly claims: number;
  readonly attempts: number;
  readonly interruptions: number;
  readonly worker: number | null;
  readonly claimedAt: Date | null;
  readonly failures: readonly Partial<RunFailure>[];
}

/** A dead letter as it is kept in memory. */
export interface MemoryDeadLetter extends Omit<MemoryDelivery, 'readyXid' | 'dueAt' | 'worker' | 'claimedAt'> {
  readonly id: string;
  readonly kind: 'dead' | 'discarded';
  readonly reason: string;
  readonly diedAt: Date;
}

/** A receiver as it is kept in memory. */
export interface MemoryReceiver extends Omit<RegisteredReceiver, 'id' | 'subscriptions' | 'retired' | 'paused'> {
  readonly number: number;
  readonly name: string;
}

/** What a receiver listens to, as it is kept in memory. */
export interface MemorySubscription {
  readonly pattern: string;
  readonly receiver: number;
  readonly version: number | null;
}

/** A deduplication key that is taken. */
export interface MemoryDeduplication {
  readonly key: string;
  readonly eventId: string;
  readonly until: Date;
}

/** A worker, while it lives and after. */
export interface MemoryWorker {
  readonly id: number;
  readonly live: boolean;
  readonly receivers: readonly number[];
}

/** What runs of a receiver in one worker led to within a minute, as it is kept in memory. */
export interface MemoryActivity {
  readonly receiver: number;
  readonly minute: Date;
  readonly worker: number;
  readonly counts: ActivityCounts;
}

/** A job as it is kept in memory. */
export interface MemoryJob {
  readonly job: Readonly<Job>;
  readonly uniqueness: 'open' | 'ever' | 'none';
  /** Place in the order of requests and events. */
  readonly position: bigint;
}

/** A completion that came before its request, as it is kept in memory. */
export interface MemoryRemembered {
  readonly subject: JobSubject;
  readonly key: string;
  readonly completion: RememberedCompletion;
  readonly until: Date;
}
