/** Everything a job can be. */
export const JOB_STATUSES = ['pending', 'completed', 'cancelled'] as const;

/**
 * What can become of a job.
 *
 * @publicApi
 */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Every reason for which jobs are closed. */
export const JOB_CLOSE_REASONS = [
  'done',
  'event',
  'condition',
  'cancelled',
  'expired',
  'skipped',
  'declined',
  'superseded',
  'target-gone',
] as const;

/**
 * Why a job was closed.
 *
 * @publicApi
 */
export type JobCloseReason = (typeof JOB_CLOSE_REASONS)[number];

/** JSON as a job carries it. */
export type JobJson = Readonly<Record<string, unknown>>;

/**
 * A job to be done: something a person, code, or whatever happens next has to do about a target.
 *
 * It is pending, completed or cancelled and nothing else; claimed, started, snoozed, waiting and overdue are attributes of a pending job.
 *
 * @publicApi
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what a job carries is typed by its type
export class Job<Metadata = JobJson, Result = unknown> {
  id!: string;
  /** Name of its type. */
  type!: string;
  /** Version of the type it was requested with. */
  typeVersion!: number;
  status!: JobStatus;
  closeReason!: JobCloseReason | null;
  /** How it ended, by a name of its type. */
  outcome!: string | null;
  /** Kind of the entity it is about; empty when it is about none. */
  targetType!: string;
  /** Id of that entity as text. */
  targetId!: string;
  /** Tells several jobs of one type and target apart; empty when there is one. */
  key!: string;
  /** Tenant it belongs to; empty without tenants. */
  tenant!: string;
  /** Principal who is to do it, such as `user:7`. */
  assignee!: string | null;
  /** Principals who may claim it. */
  candidates!: string[];
  claimedBy!: string | null;
  claimedAt!: Date | null;
  claimExpiresAt!: Date | null;
  startedAt!: Date | null;
  snoozedUntil!: Date | null;
  /** What it waits for, in words. */
  waitingOn!: string | null;
  /** Higher is more urgent; 0 unless given. */
  priority!: number;
  plan!: string | null;
  step!: number | null;
  metadata!: Metadata;
  result!: Result | null;
  tags!: string[];
  createdBy!: string | null;
  closedBy!: string | null;
  /** How often it was requested while it was pending. */
  requestCount!: number;
  lastRequestedAt!: Date;
  createdAt!: Date;
  updatedAt!: Date;
  dueAt!: Date | null;
  /** When it was noticed to be overdue. */
  dueNoticedAt!: Date | null;
  expiresAt!: Date | null;
  /** When it was completed or cancelled. */
  closedAt!: Date | null;
  /** Grows by one with each change. */
  version!: number;
}
