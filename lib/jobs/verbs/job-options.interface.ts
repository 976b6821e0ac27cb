import type { EntityManager } from 'typeorm';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Job } from '../model/job.js';
import type { Principal } from '../model/principal.js';
import type { JobTarget } from '../targets/job-target.js';
import type {
  JobTypeClass,
  MetadataInputOf,
  MetadataOf,
  OutcomeOf,
  ResultInputOf,
  ResultOf,
} from '../types/job-type-class.js';

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
  readonly metadata?: MetadataInputOf<Type>;
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

/** A request of a type that is only known at run time. */
export type AnyRequest = RequestOptions;

// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- an object without any property is what is meant
type Nothing = Record<never, unknown>;

type Asked<Type extends JobTypeClass, Left extends keyof RequestOptions> = Omit<RequestOptions<Type>, Left>;

/**
 * The options of a request; they and their metadata may be left out when the type's metadata may be empty.
 *
 * @publicApi
 */
export type RequestArguments<Type extends JobTypeClass, Left extends keyof RequestOptions = never> =
  Nothing extends MetadataInputOf<Type>
    ? [options?: Asked<Type, Left>]
    : [options: Asked<Type, Left> & { readonly metadata: MetadataInputOf<Type> }];

/**
 * Requests of several types, each with the options of its type.
 *
 * @publicApi
 */
export type Requests<Types extends readonly JobTypeClass[]> = {
  readonly [Index in keyof Types]: { readonly type: Types[Index] } & NonNullable<
    RequestArguments<Types[Index], 'manager'>[0]
  >;
};

/**
 * What applies to all jobs that are requested together.
 *
 * @publicApi
 */
export type RequestManyOptions = Pick<RequestOptions, 'manager' | 'by' | 'note'>;

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
  readonly result?: ResultInputOf<Type>;
  /** Merged into the job's metadata. */
  readonly metadata?: Partial<MetadataOf<Type>>;
}

/**
 * The options of a completion of a type's jobs.
 *
 * @publicApi
 */
export type CompleteArguments<Type extends JobTypeClass, Left extends keyof ChangeOptions = never> = [
  options?: Omit<CompleteOptions<Type> & SubjectOptions, Left>,
];

/** A completion of a job whose type is only known at run time. */
export type AnyCompletion = CompleteOptions & SubjectOptions;

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
