import type { JobStatus } from '../model/job.js';
import { DUE_ORDER, RANK_ORDER } from '../schema/job-indexes.js';

/** One of the values that jobs are sorted by; the last is always the id. */
export interface SortKey {
  /** The value of the job `j`. */
  readonly sql: string;
  readonly type: 'timestamptz' | 'smallint';
  /** The least and the greatest value there can be. */
  readonly ends: readonly [string, string];
  /** The value of a job as the statements answer with it, as text for a cursor. */
  readonly of: (columns: Readonly<Record<string, unknown>>) => string;
}

/** What jobs are sorted by, whichever way round. */
export type JobOrder = 'created' | 'urgency' | 'due' | 'updated' | 'closed';

/** An order of jobs that an index has. */
export interface JobSortDefinition {
  readonly order: JobOrder;
  readonly keys: readonly SortKey[];
  readonly direction: 'asc' | 'desc';
  /** Statuses whose jobs have this order; all of them unless given. */
  readonly only?: readonly JobStatus[];
}

const MOMENTS = ['-infinity', 'infinity'] as const;

const column = (name: string): SortKey => ({
  sql: `j.${name}`,
  type: 'timestamptz',
  ends: MOMENTS,
  of: (columns) => String(columns[name]),
});

const due: SortKey = {
  sql: DUE_ORDER('j.'),
  type: 'timestamptz',
  ends: MOMENTS,
  of: ({ due_at: at }) => (typeof at === 'string' ? at : 'infinity'),
};

const rank: SortKey = {
  sql: RANK_ORDER('j.'),
  type: 'smallint',
  ends: ['-32768', '32767'],
  of: ({ priority }) => String(-Number(priority)),
};

const PENDING: readonly JobStatus[] = ['pending'];

/** Every order in which jobs can be listed. */
export const JOB_SORTS = {
  newest: { order: 'created', keys: [column('created_at')], direction: 'desc' },
  oldest: { order: 'created', keys: [column('created_at')], direction: 'asc' },
  priority: { order: 'urgency', keys: [rank, due], direction: 'asc', only: PENDING },
  due: { order: 'due', keys: [due], direction: 'asc', only: PENDING },
  updated: { order: 'updated', keys: [column('updated_at')], direction: 'desc', only: PENDING },
  stalest: { order: 'updated', keys: [column('updated_at')], direction: 'asc', only: PENDING },
  closed: { order: 'closed', keys: [column('closed_at')], direction: 'desc', only: ['completed', 'cancelled'] },
} as const satisfies Readonly<Record<string, JobSortDefinition>>;

/**
 * An order of jobs: `newest` and `oldest` by request, of any jobs; `priority` (then due, those never due last), `due`, `updated` (last
 * change first) and `stalest` (longest without a change first) of pending ones; `closed` (last first) of closed ones.
 *
 * @publicApi
 */
export type JobSort = keyof typeof JOB_SORTS;

/** The definition of an order. */
export function sortOf(sort: JobSort): JobSortDefinition {
  return JOB_SORTS[sort];
}
