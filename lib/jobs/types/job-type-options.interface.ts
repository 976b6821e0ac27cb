import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventOutput, EventReference } from '../../events/definition/event-types.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Principal } from '../model/principal.js';
import type { JobTarget } from '../targets/job-target.js';
import type { TargetClass } from '../targets/target-resolver.js';

/**
 * An event that does something to jobs, and how it names their target: null or undefined when it is about none of them.
 *
 * @publicApi
 */
export interface JobTrigger {
  readonly event: EventReference;
  readonly target: (event: never) => JobTarget | null | undefined;
}

/**
 * Names a trigger, its event typed.
 *
 * @publicApi
 */
export function on<Reference extends EventReference>(
  event: Reference,
  target: (event: EventOutput<Reference>) => JobTarget | null | undefined,
): JobTrigger {
  return { event, target };
}

/**
 * One or several triggers; a single one may be written as a pair.
 *
 * @publicApi
 */
export type JobTriggers<Reference extends EventReference> =
  | readonly [Reference, (event: EventOutput<Reference>) => JobTarget | null | undefined]
  | JobTrigger
  | readonly JobTrigger[];

/**
 * Says who is to do a job about a target.
 *
 * @publicApi
 */
export type AssigneeOf<Target> = (
  target: Target,
) => Principal | null | undefined | Promise<Principal | null | undefined>;

/**
 * What can be said of a type of job.
 *
 * @publicApi
 */
export interface JobTypeOptions<
  RequestOn extends EventReference = EventReference,
  CompleteOn extends EventReference = EventReference,
  CancelOn extends EventReference = EventReference,
  Metadata extends StandardSchemaV1 = StandardSchemaV1,
  Result extends StandardSchemaV1 = StandardSchemaV1,
  Outcome extends string = string,
  Target extends TargetClass = never,
> {
  /**
   * Name of the data source its jobs are kept in, as given to `JobsModule.forRoot({ dataSource })`.
   *
   * @default 'default'
   */
  readonly dataSource?: string;
  /**
   * Version that jobs are requested with and keep.
   *
   * @default 1
   */
  readonly version?: number;
  /** Entity its jobs are about, so that an id alone names a target. */
  readonly target?: Target;
  /** Any Standard Schema; its output is what a job keeps. */
  readonly metadata?: Metadata;
  /** Any Standard Schema of what is handed in on completion. */
  readonly result?: Result;
  /** Names a completion may end with; it may always name none. Without any, no outcome is taken. */
  readonly outcomes?: readonly Outcome[];
  /**
   * Who is to do it unless the request says. A function is given the entity, loaded in the request's transaction when only its id is
   * known; of an entity that is gone nobody is the assignee.
   */
  readonly assignee?:
    Principal | AssigneeOf<Target extends abstract new (...args: never[]) => infer Entity ? Entity : never>;
  /** Who may claim it unless the request says. */
  readonly candidates?: readonly Principal[];
  readonly dueIn?: Duration;
  /** Time after which it is cancelled by itself. */
  readonly expiresIn?: Duration;
  /**
   * Higher is more urgent, from -100 to 100.
   *
   * @default 0
   */
  readonly priority?: number;
  /**
   * Whether `skip` is allowed.
   *
   * @default false
   */
  readonly skippable?: boolean;
  /**
   * Plan it is a step of. A step that is completed or skipped requests the next one about the same target, in the same transaction,
   * unless that was ever requested.
   */
  readonly plan?: string;
  /** Its place in the plan; steps need not be numbered without gaps. */
  readonly step?: number;
  readonly requestOn?: JobTriggers<RequestOn>;
  readonly completeOn?: JobTriggers<CompleteOn>;
  readonly cancelOn?: JobTriggers<CancelOn>;
  /**
   * What becomes of an event of `completeOn` that finds no job: the next request is born completed, or nothing.
   *
   * @default 'remember'
   */
  readonly early?: 'remember' | 'ignore';
  /**
   * How long it is remembered.
   *
   * @default '30d'
   */
  readonly earlyLimit?: Duration;
}

/**
 * What the class of a type may bring.
 *
 * @publicApi
 */
export interface JobTypeHooks {
  /** Whether the job's condition already holds; asked for pending jobs now and then, so that a missed event heals. */
  isDone?(job: never, manager: never): boolean | Promise<boolean>;
}
