import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { JobCloseReason, JobStatus } from '../model/job.js';
import type { JobPhase } from '../model/job-phase.js';
import type { Principal } from '../model/principal.js';
import type { JobActor } from '../policy/job-actor.js';
import type { JobTarget } from '../targets/job-target.js';
import type { JobTypeClass } from '../types/job-type-class.js';

/**
 * One value, or a list of 1 to 100 of which any will do.
 *
 * @publicApi
 */
export type OneOrMore<Value> = Value | readonly Value[];

/**
 * A span of time: from a moment on, and before another. Texts are ISO 8601 with a time zone, such as `2026-03-01T00:00:00Z`.
 *
 * @publicApi
 */
export interface TimeSpan {
  /** Itself within the span. */
  readonly from?: Date | string;
  /** Itself no longer within the span. */
  readonly before?: Date | string;
}

/**
 * What a job's metadata must hold at a path.
 *
 * @publicApi
 */
export interface MetadataFilter {
  /** Names of properties from the outside in, and positions in lists as text: `['customer', 'emails', '0']`; 1 to 10 of them. */
  readonly path: readonly string[];
  /** The value there, compared as text the way PostgreSQL writes it; not together with `exists`. */
  readonly equals?: OneOrMore<string | number | boolean>;
  /** Whether there is anything but null. */
  readonly exists?: boolean;
}

/**
 * Which jobs a list, a count, an export or a bulk operation is about. All that is given must hold; what is left out does not matter.
 *
 * @publicApi
 */
export interface JobFilter {
  /** Classes or names; names of types that are no longer provided too. */
  readonly types?: OneOrMore<JobTypeClass | string>;
  readonly status?: OneOrMore<JobStatus>;
  /** Where pending jobs stand. */
  readonly phase?: OneOrMore<JobPhase>;
  /** How completed jobs ended. */
  readonly outcome?: OneOrMore<string>;
  /** Why closed jobs were closed. */
  readonly reason?: OneOrMore<JobCloseReason>;
  /** What the jobs are about: entities, references, or ids where all the types are about one entity. */
  readonly target?: OneOrMore<JobTarget>;
  readonly assignee?: OneOrMore<Principal>;
  readonly claimedBy?: OneOrMore<Principal>;
  /** Pending jobs that one of these may claim, claimed or not. */
  readonly candidate?: OneOrMore<Principal>;
  /** Jobs assigned to the actor or one of its roles, claimed by them, or free for them to claim. */
  readonly mine?: JobActor;
  /** Whether nobody is assigned. */
  readonly unassigned?: boolean;
  /** Whether pending jobs should have been done by now. */
  readonly overdue?: boolean;
  /** Pending jobs that become due within this time, and are not overdue. */
  readonly dueWithin?: Duration;
  /** Pending jobs that nothing has changed for this time. */
  readonly stalled?: Duration;
  /** Jobs requested at least this time ago. */
  readonly olderThan?: Duration;
  /** Jobs requested at least this often. */
  readonly occurrences?: number;
  /** Jobs of at least this priority. */
  readonly priority?: number;
  readonly plan?: OneOrMore<string>;
  readonly step?: OneOrMore<number>;
  /** All of these, 1 to 10. */
  readonly metadata?: OneOrMore<MetadataFilter>;
  /** Tags a job must all have. */
  readonly tags?: OneOrMore<string>;
  readonly tenant?: string;
  /** When it was requested. */
  readonly created?: TimeSpan;
  /** When it was changed last. */
  readonly updated?: TimeSpan;
  /** When it was completed or cancelled. */
  readonly closed?: TimeSpan;
  readonly due?: TimeSpan;
  /** At least one of these filters must hold too; 1 to 10, at most 3 deep and 30 in all. */
  readonly or?: readonly JobFilter[];
}
