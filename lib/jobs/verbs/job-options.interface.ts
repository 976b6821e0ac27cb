import type { EntityManager } from 'typeorm';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Job } from '../model/job.js';
import type { Principal } from '../model/principal.js';
import type { JobTarget } from '../targets/job-target.js';
import type { JobTypeClass, MetadataOf, OutcomeOf, ResultOf } from '../types/job-type-class.js';

/**
 * What each change of jobs may be given.
 *
 * @publicApi
 */
export interface ChangeOptions {
  /** Manager whose transaction the change joins; without one, a transaction of its own. */
  readonly manager?: EntityManager;
  /** Who does it; the application itself unless given. */
  readonly by?: Principal;
  /** Kept in the history. */
  readonly note?: string;
}

/**
 * Names the pending jobs of a type about one target.
 *
 * @publicApi
 */
export interface SubjectOptions {
  readonly target?: JobTarget;
  /** One of several jobs of the type and target; all of them unless given. */
  readonly key?: string;
  readonly tenant?: string;
}

/**
 * How a job is requested.
 *
 * @publicApi
 */
export interface RequestOptions<Type extends JobTypeClass = JobTypeClass> extends ChangeOptions, SubjectOptions {
  /** Who is to do it; the type's assignee unless given. */
  readonly assignee?: Principal | null;
  /** Who may claim it; the type's candidates unless given. */
  readonly candidates?: readonly Principal[];
  readonly metadata?: MetadataOf<Type>;
  readonly dueIn?: Duration;
  readonly dueAt?: Date;
  readonly expiresIn?: Duration;
  readonly expiresAt?: Date;
  /** From -100 to 100, higher is more urgent; the type's unless given. */
  readonly priority?: number;
  readonly tags?: readonly string[];
  /**
   * Which earlier job makes this request a repeat: one that is open, any that ever was, or none.
   *
   * @default 'open'
   */
  readonly unique?: 'open' | 'ever' | 'none';
  /**
   * What a repeat does to the open job beside counting: nothing, merging its metadata in, or moving due and expiry further off.
   *
   * @default 'keep'
   */
  readonly onRepeat?: 'keep' | 'merge' | 'extend';
}

/**
 * What a request led to.
 *
 * @publicApi
 */
export interface RequestedJob<Type extends JobTypeClass = JobTypeClass> {
  readonly job: Job<MetadataOf<Type>, ResultOf<Type>>;
  /** `false` when it repeats an earlier request. */
  readonly created: boolean;
}

/**
 * How a job is completed.
 *
 * @publicApi
 */
export interface CompleteOptions<Type extends JobTypeClass = JobTypeClass> extends ChangeOptions {
  /** One of the type's outcomes. */
  readonly outcome?: OutcomeOf<Type>;
  readonly result?: ResultOf<Type>;
  /** Merged into the job's metadata. */
  readonly metadata?: Partial<MetadataOf<Type>>;
}

/**
 * Which jobs were changed.
 *
 * @publicApi
 */
export interface ChangedJobs<Type extends JobTypeClass = JobTypeClass> {
  /** How many; 0 is no error. */
  readonly changed: number;
  readonly jobs: readonly Job<MetadataOf<Type>, ResultOf<Type>>[];
}

/**
 * A job, or its id.
 *
 * @publicApi
 */
export type JobReference = Job<never, never> | Job | { readonly id: string } | string;
