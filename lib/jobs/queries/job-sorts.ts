import type { JobStatus } from '../model/job.js';
import { DUE_ORDER, RANK_ORDER } from '../schema/job-indexes.js';

/** One of the values that jobs are sorted by; the last is always the id. */
export interface SortKey {
  /** The value of the job `j`. */
  readonly sql: string;
  readonly type: 'timestamptz' | 'smallint';
  /** The value of a job as the statements answer with it, as text for a cursor. */
  readonly of: (columns: Readonly<Record<string, unknown>>) => string;
}

/** An order of jobs that an index has. */
export interface JobSortDefinition {
  readonly keys: readonly SortKey[];
  readonly direction: 'asc' | 'desc';
  /** Statuses whose jobs have this order; all of them unless given. */
  readonly only?: readonly JobStatus[];
}

const column = (name: string): SortKey => ({
  sql: `j.${name}`,
  type: 'timestamptz',
  of: (columns) => String(columns[name]),
});

const due: SortKey = {
  sql: DUE_ORDER('j.'),
  type: 'timestamptz',
  of: ({ due_at: at }) => (typeof at === 'string' ? at : 'infinity'),
};

const rank: SortKey = { sql: RANK_ORDER('j.'), type: 'smallint', of: ({ priority }) => String(-Number(priority)) };

const PENDING: readonly JobStatus[] = ['pending'];

/** Every order in which jobs can be listed. */
export const JOB_SORTS = {
  newest: { keys: [column('created_at')], direction: 'desc' },
  oldest: { keys: [column('created_at')], direction: 'asc' },
  priority: { keys: [rank, due], direction: 'asc', only: PENDING },
  due: { keys: [due], direction: 'asc', only: PENDING },
  updated: { keys: [column('updated_at')], direction: 'desc', only: PENDING },
  stalest: { keys: [column('updated_at')], direction: 'asc', only: PENDING },
  closed: { keys: [column('closed_at')], direction: 'desc', only: ['completed', 'cancelled'] },
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
