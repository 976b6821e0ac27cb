import type { JobAction } from '../model/job-history-entry.js';
import type { JobCloseReason } from '../model/job.js';

/** What is done to jobs and told to receivers: everything but repeats of a request, which change nothing that is to be done. */
export const JOB_FACTS = [
  'requested',
  'completed',
  'cancelled',
  'expired',
  'reopened',
  'claimed',
  'released',
  'assigned',
  'transferred',
  'started',
  'snoozed',
  'waiting',
  'resumed',
  'due',
  'rescheduled',
  'prioritised',
  'tagged',
  'commented',
] as const satisfies readonly JobAction[];

/**
 * Name of something that happened to a job.
 *
 * @publicApi
 */
export type JobFactName = (typeof JOB_FACTS)[number];

/**
 * What the event of a job fact, such as `job.completed`, carries.
 *
 * @publicApi
 */
export interface JobFact {
  readonly jobId: string;
  readonly type: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly key: string;
  readonly assignee: string | null;
  readonly claimedBy: string | null;
  readonly outcome: string | null;
  readonly closeReason: JobCloseReason | null;
  /** Who did it. */
  readonly actor: string;
  /** Version the job had after it. */
  readonly version: number;
}

/** Name of the event of a fact. */
export function factEventName(fact: JobFactName): string {
  return `job.${fact}`;
}

/** What receivers of one type's facts subscribe to: no event has this name, so only the fan-out of that type finds it. */
export function factPattern(fact: JobFactName, type: string | undefined): string {
  return type === undefined ? factEventName(fact) : `${factEventName(fact)}:${type}`;
}

export function isJobFact(action: JobAction): action is JobFactName {
  return (JOB_FACTS as readonly JobAction[]).includes(action);
}
