import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';

/**
 * Which jobs a figure is about.
 *
 * @publicApi
 */
export interface InsightScope extends Pick<ChangeOptions, 'manager'> {
  /** Types, at most 100: classes, or names, which may be of types that are no longer provided; all unless given. */
  readonly types?: readonly (JobTypeClass | string)[];
  /** Tenant, `''` for jobs of none; all tenants unless given. */
  readonly tenant?: string;
}

/**
 * When jobs were created, as a span: its beginning is in it, its end is not.
 *
 * @publicApi
 */
export interface CreatedSpan {
  readonly from?: Date;
  readonly to?: Date;
}

/**
 * What `JobInsight.pending` takes.
 *
 * @publicApi
 */
export interface PendingOptions extends InsightScope {
  /**
   * Where one age column ends and the next begins, ascending, 1 to 20 of them.
   *
   * @default ['1h', '1d', '3d', '7d', '30d']
   */
  readonly bounds?: readonly Duration[];
}

/**
 * What `JobInsight.completion` takes.
 *
 * @publicApi
 */
export interface CompletionOptions extends InsightScope {
  /**
   * Time from its creation in which a job must have been completed to count: whole days of 24 hours, 1 to 3650.
   *
   * @default '7d'
   */
  readonly within?: Duration;
  /**
   * How many weeks, the present one among them, 1 to 520.
   *
   * @default 12
   */
  readonly weeks?: number;
  /**
   * IANA time zone in which weeks begin, on Mondays.
   *
   * @default 'UTC'
   */
  readonly timeZone?: string;
}

/**
 * What `JobInsight.timeToComplete` takes.
 *
 * @publicApi
 */
export interface TimeToCompleteOptions extends InsightScope {
  /**
   * When the jobs were created; how long the figures take to compute grows with it.
   *
   * @default the last 90 days
   */
  readonly created?: CreatedSpan;
  /**
   * Points of each curve at most, 2 to 1000.
   *
   * @default 100
   */
  readonly points?: number;
}

/**
 * What `JobInsight.funnel` takes.
 *
 * @publicApi
 */
export interface FunnelOptions extends Omit<InsightScope, 'types'> {
  /** When the jobs were created; always unless given. How long the figures take to compute grows with it. */
  readonly created?: CreatedSpan;
}

/**
 * What `JobInsight.stalled` takes.
 *
 * @publicApi
 */
export interface StalledOptions extends InsightScope {
  /** Age from which a pending job counts as stalled. */
  readonly olderThan: Duration;
  /** Plan the jobs are steps of. */
  readonly plan?: string;
  /** `next` of the page before; left out for the first page. */
  readonly after?: string;
  /**
   * Jobs of one page, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}

/**
 * What `JobInsight.flow` takes.
 *
 * @publicApi
 */
export interface FlowOptions extends InsightScope {
  /**
   * How many days, 1 to 3660.
   *
   * @default 30
   */
  readonly days?: number;
  /** The last day is the one of this moment; today unless given. */
  readonly until?: Date;
  /**
   * IANA time zone in which days begin.
   *
   * @default 'UTC'
   */
  readonly timeZone?: string;
}

/**
 * What `JobInsight.workload` takes.
 *
 * @publicApi
 */
export interface WorkloadOptions extends InsightScope {
  /** `next` of the page before; left out for the first page. */
  readonly after?: string;
  /**
   * Assignees of one page, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}
