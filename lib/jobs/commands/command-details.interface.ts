import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Principal } from '../model/principal.js';
import type { TargetReference } from '../targets/job-target.js';
import type { JobTypeClass, MetadataOf, OutcomeOf, ResultOf } from '../types/job-type-class.js';

/**
 * What every command to jobs may say.
 *
 * @publicApi
 */
export interface CommandDetails {
  /** What the job is about: its id where the type of the job names the entity, or a reference. */
  readonly target?: TargetReference | string | number;
  /** One of several jobs of the type and target. */
  readonly key?: string;
  /** The event's tenant unless given. */
  readonly tenant?: string;
  /** Who does it; the application itself unless given. */
  readonly by?: Principal;
  /** Kept in the history. */
  readonly note?: string;
}

/**
 * What a `RequestJob` may say, which is what `JobsService.request` takes.
 *
 * @publicApi
 */
export interface RequestJobDetails<Type extends JobTypeClass = JobTypeClass> extends CommandDetails {
  readonly assignee?: Principal | null;
  readonly candidates?: readonly Principal[];
  readonly metadata?: MetadataOf<Type>;
  readonly dueIn?: Duration;
  readonly dueAt?: Date | string;
  readonly expiresIn?: Duration;
  readonly expiresAt?: Date | string;
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly unique?: 'open' | 'ever' | 'none';
  readonly onRepeat?: 'keep' | 'merge' | 'extend';
}

/**
 * What a `CompleteJob` may say, which is what `JobsService.complete` takes.
 *
 * @publicApi
 */
export interface CompleteJobDetails<Type extends JobTypeClass = JobTypeClass> extends CommandDetails {
  readonly outcome?: OutcomeOf<Type>;
  readonly result?: ResultOf<Type>;
  /** Merged into the job's metadata. */
  readonly metadata?: Partial<MetadataOf<Type>>;
}
