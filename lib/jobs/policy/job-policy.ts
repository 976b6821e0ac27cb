import type { Job } from '../model/job.js';
import type { Principal } from '../model/principal.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { JobActor } from './job-actor.js';

/**
 * What an actor may ask for. `view` comes before every other: what may not be seen is answered as if it did not exist.
 *
 * @publicApi
 */
export type JobVerb =
  | 'view'
  | 'request'
  | 'complete'
  | 'cancel'
  | 'skip'
  | 'decline'
  | 'reopen'
  | 'claim'
  | 'release'
  | 'assign'
  | 'transfer'
  | 'start'
  | 'snooze'
  | 'wait'
  | 'resume'
  | 'setDue'
  | 'setExpiry'
  | 'setPriority'
  | 'tag'
  | 'comment';

/**
 * A job as far as the policy sees it; of one that is only asked for there is no more than what the request says.
 *
 * @publicApi
 */
export type PolicyJob = Pick<Job, 'type' | 'targetType' | 'targetId' | 'tenant'> & Partial<Job>;

/**
 * The part of all jobs that an actor has to do with. What is left out does not narrow it.
 *
 * @publicApi
 */
export interface JobScope {
  readonly types?: readonly (JobTypeClass | string)[];
  /** Principals the actor finds jobs for; itself and its roles unless given. */
  readonly principals?: readonly Principal[];
  readonly tenant?: string;
}

/**
 * Says what actors may do. Without a policy nobody may do anything.
 *
 * @publicApi
 */
export interface JobPolicy {
  /** Whether the actor may do this with this job. */
  can(actor: JobActor, verb: JobVerb, job: PolicyJob): boolean | Promise<boolean>;

  /** Where to look for jobs on behalf of an actor, so that those it may not see need not be asked about one by one. */
  scope?(actor: JobActor): JobScope | Promise<JobScope>;
}

/**
 * Provide a {@link JobPolicy} under this token.
 *
 * @publicApi
 */
export const JOB_POLICY = Symbol.for('nestjs-jobs:job-policy');

/** Lets nobody do anything. */
export const denyAll: JobPolicy = { can: () => false };
