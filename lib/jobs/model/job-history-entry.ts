/**
 * What is done to jobs; each is a row of history, and most are facts that receivers hear of.
 *
 * @publicApi
 */
export type JobAction =
  | 'requested'
  | 'repeated'
  | 'completed'
  | 'cancelled'
  | 'expired'
  | 'reopened'
  | 'claimed'
  | 'released'
  | 'assigned'
  | 'transferred'
  | 'started'
  | 'snoozed'
  | 'waiting'
  | 'resumed'
  | 'due'
  | 'rescheduled'
  | 'prioritised'
  | 'tagged'
  | 'commented';

/**
 * One change of a job: who did what, when, and what it was before and after.
 *
 * @publicApi
 */
export class JobHistoryEntry {
  id!: string;
  jobId!: string;
  action!: JobAction;
  /** Principal who did it; `system` for the application itself. */
  actor!: string;
  at!: Date;
  before!: Readonly<Record<string, unknown>> | null;
  after!: Readonly<Record<string, unknown>> | null;
  note!: string | null;
}
