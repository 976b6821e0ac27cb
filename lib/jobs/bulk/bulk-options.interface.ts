import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Principal } from '../model/principal.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';
import type { TagChange } from '../verbs/job-attributes.js';

/**
 * What is to be done with each of several jobs: a verb, and what the verb takes beside the job.
 *
 * @publicApi
 */
export type JobOperation =
  | {
      readonly verb: 'complete';
      readonly outcome?: string;
      readonly result?: unknown;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | { readonly verb: 'cancel' | 'skip' | 'decline' | 'reopen' | 'release' | 'unassign' | 'start' | 'resume' }
  | { readonly verb: 'claim'; readonly lapsesIn?: Duration }
  | { readonly verb: 'assign'; readonly assignee: Principal }
  | { readonly verb: 'transfer'; readonly candidates: readonly Principal[] }
  | { readonly verb: 'snooze'; readonly until: Date | Duration }
  | { readonly verb: 'wait'; readonly on: string }
  | { readonly verb: 'setDue' | 'setExpiry'; readonly at: Date | null }
  | { readonly verb: 'setPriority'; readonly priority: number }
  | ({ readonly verb: 'tag' } & TagChange)
  | { readonly verb: 'comment'; readonly text: string };

/**
 * How far a bulk operation is.
 *
 * @publicApi
 */
export interface BulkProgress {
  /** Jobs that were dealt with. */
  readonly done: number;
  /** Jobs there are to deal with. */
  readonly total: number;
  readonly changed: number;
  readonly failed: number;
}

/**
 * How a bulk operation is carried out.
 *
 * @publicApi
 */
export interface BulkOptions extends Pick<ChangeOptions, 'by' | 'note'> {
  /**
   * Whether everything is tried and nothing is kept: each job's transaction is rolled back.
   *
   * @default false
   */
  readonly dryRun?: boolean;
  /**
   * Jobs at most, 1 to 10000. A filter that more jobs meet is dealt with up to there, a list of more ids is refused.
   *
   * @default 1000
   */
  readonly limit?: number;
  /** Called and awaited after each job; what it throws ends the operation, and what was done until then stays. */
  readonly onProgress?: (progress: BulkProgress) => unknown;
  /** Ends the operation before the next job. */
  readonly signal?: AbortSignal;
}

/**
 * A job that nothing was done with, and why.
 *
 * @publicApi
 */
export interface BulkFailure {
  readonly id: string;
  readonly error: Error;
}

/**
 * What a bulk operation led to, or, of a dry run, would have led to.
 *
 * @publicApi
 */
export interface BulkResult {
  /** Jobs that were dealt with: changed, failed, or left as they were because there was nothing to change. */
  readonly done: number;
  readonly changed: number;
  readonly failures: readonly BulkFailure[];
  /** Whether more jobs meet the filter than the limit allows. */
  readonly capped: boolean;
  readonly dryRun: boolean;
}
