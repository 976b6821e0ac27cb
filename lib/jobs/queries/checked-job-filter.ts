import type { JobPhase } from '../model/job-phase.js';
import type { JobCloseReason, JobStatus } from '../model/job.js';
import type { TargetReference } from '../targets/job-target.js';

/** A span with ISO texts. */
export interface CheckedSpan {
  readonly from?: string;
  readonly before?: string;
}

/** What metadata must hold. */
export interface CheckedMetadata {
  readonly path: readonly string[];
  readonly equals?: readonly string[];
  readonly exists?: boolean;
}

/** Whose jobs; `null` for jobs of any tenant. */
export interface CheckedOwner {
  readonly principals: readonly string[];
  readonly tenant: string | null;
}

/**
 * A filter whose every value is of the right kind: lists are lists and in order, durations milliseconds, times ISO texts. Two filters that
 * say the same are the same JSON.
 */
export interface CheckedJobFilter {
  /** These jobs alone; nothing that a filter can say from outside. */
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  readonly status?: readonly JobStatus[];
  readonly phase?: readonly JobPhase[];
  readonly outcome?: readonly string[];
  readonly reason?: readonly JobCloseReason[];
  readonly target?: readonly TargetReference[];
  readonly assignee?: readonly string[];
  readonly claimedBy?: readonly string[];
  readonly candidate?: readonly string[];
  readonly mine?: CheckedOwner;
  readonly unassigned?: boolean;
  readonly overdue?: boolean;
  readonly dueWithin?: number;
  readonly stalled?: number;
  readonly olderThan?: number;
  readonly occurrences?: number;
  readonly priority?: number;
  readonly plan?: readonly string[];
  readonly step?: readonly number[];
  readonly metadata?: readonly CheckedMetadata[];
  readonly tags?: readonly string[];
  readonly tenant?: string;
  readonly created?: CheckedSpan;
  readonly updated?: CheckedSpan;
  readonly closed?: CheckedSpan;
  readonly due?: CheckedSpan;
  readonly or?: readonly CheckedJobFilter[];
}

const ALL: readonly JobStatus[] = ['pending', 'completed', 'cancelled'];
const CLOSED: readonly JobStatus[] = ['completed', 'cancelled'];

/** Which jobs can meet a filter at all: what it says of the status, and what its other fields imply. */
export function statusesOf(filter: CheckedJobFilter): readonly JobStatus[] {
  const { status = ALL, overdue, phase, dueWithin, stalled, candidate, reason, closed, outcome } = filter;
  const isPending = overdue === true || [phase, dueWithin, stalled, candidate].some((field) => field !== undefined);
  const isClosed = reason !== undefined || closed !== undefined;
  return status.filter(
    (one) =>
      (!isPending || one === 'pending') &&
      (!isClosed || CLOSED.includes(one)) &&
      (outcome === undefined || one === 'completed'),
  );
}
