import type { Principal } from '../model/principal.js';

/**
 * Figures as of one moment of the database's clock.
 *
 * @publicApi
 */
export interface Figures {
  /** The moment: the beginning of the transaction they were read in. */
  readonly at: Date;
}

/**
 * Ages of pending jobs in milliseconds since their creation.
 *
 * @publicApi
 */
export interface AgeFigures {
  readonly mean: number;
  /** Percentiles as PostgreSQL's `percentile_cont` defines them: interpolated between the two nearest ages. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** The greatest age. */
  readonly oldest: number;
}

/**
 * How many pending jobs are at least `from` and less than `to` milliseconds old.
 *
 * @publicApi
 */
export interface AgeColumn {
  readonly from: number;
  /** `null` for the last column, which has no end. */
  readonly to: number | null;
  readonly count: number;
}

/**
 * The pending jobs of one type.
 *
 * @publicApi
 */
export interface PendingOfType {
  readonly type: string;
  /** Whether a module provides the type. */
  readonly provided: boolean;
  readonly count: number;
  /** `null` when none is pending. */
  readonly age: AgeFigures | null;
  /** When the oldest was created. */
  readonly oldestSince: Date | null;
  readonly columns: readonly AgeColumn[];
}

/** @publicApi */
export interface PendingFigures extends Figures {
  /** Each type that is provided or has pending jobs, by name. */
  readonly types: readonly PendingOfType[];
}

/**
 * The jobs created in one week.
 *
 * @publicApi
 */
export interface CompletionCohort {
  /** Monday on which it begins, such as `2026-03-02`. */
  readonly week: string;
  readonly created: number;
  /** Of those created, the ones completed within the window after their creation. */
  readonly completed: number;
  /** `completed / created`; `null` when none was created. */
  readonly share: number | null;
  /** Whether the window is over for every job of the week; before that the share can only grow. */
  readonly mature: boolean;
}

/** @publicApi */
export interface CompletionOfType {
  readonly type: string;
  /** Every week asked for, the oldest first. */
  readonly cohorts: readonly CompletionCohort[];
}

/** @publicApi */
export interface CompletionFigures extends Figures {
  /** The window in milliseconds. */
  readonly within: number;
  readonly timeZone: string;
  /** Each type with jobs created in those weeks, by name. */
  readonly types: readonly CompletionOfType[];
}

/**
 * What is known of the jobs of a type at one age.
 *
 * @publicApi
 */
export interface CurvePoint {
  /** Milliseconds since the creation. */
  readonly age: number;
  /** Jobs that were neither closed before that age nor are younger. */
  readonly atRisk: number;
  /** Kaplan-Meier estimate of the share not completed by that age, were jobs never cancelled. */
  readonly survival: number;
  /** Aalen-Johansen estimate of the share completed by that age, when those cancelled never are. */
  readonly incidence: number;
}

/**
 * How long jobs of a type take from creation to completion, in milliseconds.
 *
 * @publicApi
 */
export interface TimeToCompleteOfType {
  readonly type: string;
  readonly jobs: number;
  readonly completed: number;
  /** Cancelled for whatever reason, expiry among them. */
  readonly cancelled: number;
  readonly open: number;
  /** Median of those completed, as if the others did not exist: too short as long as any is open. `null` when none was completed. */
  readonly naiveMedian: number | null;
  /**
   * Kaplan-Meier median: open jobs are censored at their present age, cancelled ones at the age they were cancelled. `null` when the
   * curve does not come down to one half.
   */
  readonly median: number | null;
  /** Age by which half of all jobs are completed, cancelled ones never being so; `null` when it does not come to one half. */
  readonly incidenceMedian: number | null;
  /** The curves where they change, by age; not all of its points when they are more than asked for. */
  readonly curve: readonly CurvePoint[];
}

/** @publicApi */
export interface TimeToCompleteFigures extends Figures {
  /** Each type with jobs created in the span, by name. */
  readonly types: readonly TimeToCompleteOfType[];
}

/**
 * One step of a plan. A subject is the target of a job within its tenant, or the job itself when it has none; it counts once in each
 * step, as done, here, expired or cancelled, whichever comes first in this order.
 *
 * @publicApi
 */
export interface FunnelStep {
  readonly type: string;
  /** Its place in the plan; of a removed one the highest its jobs have. */
  readonly step: number | null;
  /** Subjects with a job of the step: done + here + expired + cancelled. */
  readonly reached: number;
  /** With a completed job of the step. */
  readonly done: number;
  /** With a pending one. */
  readonly here: number;
  /** Whose last job of the step has expired. */
  readonly expired: number;
  /** Whose last job of the step was cancelled otherwise. */
  readonly cancelled: number;
  /**
   * Share of the subjects done with the previous step that are done with this one too; of the first step, `done / reached`. `null` when
   * there are none, and for types without a step. Types of one step have the same previous one, done with any of which is done with it.
   */
  readonly fromPrevious: number | null;
  /** `done / entered`. */
  readonly overall: number | null;
}

/** @publicApi */
export interface FunnelFigures extends Figures {
  readonly plan: string;
  /** Subjects with a job of any present step. */
  readonly entered: number;
  /** Steps of the provided types, in the plan's order. */
  readonly steps: readonly FunnelStep[];
  /** Steps whose types are no longer part of the plan, with their conversions `null`. */
  readonly removed: readonly FunnelStep[];
}

/**
 * A pending job that is older than the threshold.
 *
 * @publicApi
 */
export interface StalledJob {
  readonly id: string;
  readonly type: string;
  readonly plan: string | null;
  readonly step: number | null;
  readonly targetType: string;
  readonly targetId: string;
  readonly tenant: string;
  readonly assignee: Principal | null;
  /** When it was created. */
  readonly since: Date;
  /** Milliseconds since then. */
  readonly age: number;
}

/** @publicApi */
export interface StalledPage extends Figures {
  /** The oldest first. */
  readonly jobs: readonly StalledJob[];
  /** What to read on from; `null` on the last page. */
  readonly next: string | null;
}

/**
 * Jobs opened and closed on one day.
 *
 * @publicApi
 */
export interface FlowDay {
  /** Such as `2026-03-02`. */
  readonly day: string;
  /** Created on that day. */
  readonly opened: number;
  /** Closed on that day and not reopened since: `completed + cancelled + expired`. */
  readonly closed: number;
  readonly completed: number;
  /** Cancelled, not by expiry. */
  readonly cancelled: number;
  readonly expired: number;
  /** Created before the end of the day, and not closed before it. */
  readonly open: number;
}

/** @publicApi */
export interface FlowFigures extends Figures {
  readonly timeZone: string;
  /** Every day asked for, the oldest first. */
  readonly days: readonly FlowDay[];
}

/**
 * Pending jobs of one assignee, or of none.
 *
 * @publicApi
 */
export interface Workload {
  readonly open: number;
  /** Due by now. */
  readonly overdue: number;
  /** Claimed by anybody, with a claim that has not lapsed. */
  readonly claimed: number;
  /** When the oldest was created; `null` when there is none. */
  readonly oldestSince: Date | null;
}

/** @publicApi */
export interface AssigneeWorkload extends Workload {
  readonly assignee: Principal;
}

/** @publicApi */
export interface WorkloadPage extends Figures {
  /** Those with the most open jobs first. */
  readonly assignees: readonly AssigneeWorkload[];
  /** Pending jobs nobody is assigned. */
  readonly unassigned: Workload;
  /** What to read on from; `null` on the last page. */
  readonly next: string | null;
}
