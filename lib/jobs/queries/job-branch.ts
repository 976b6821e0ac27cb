import type { JobStatus } from '../model/job.js';
import { BY_CLOSING, BY_DUE, BY_URGENCY } from '../schema/job-indexes.js';
import type { JobOrder } from './job-sorts.js';

/** Values of which one must match: `source` has a row `s` of each, `match` says when it is that of the job `j`. */
export interface JobDimension {
  readonly source: string;
  readonly match: string;
  /** Says the same without the source where there is but one value. */
  readonly alone?: string;
  /** The indexes that begin with what is compared. */
  readonly ordered?: OrderedDimension;
}

/** A column and the value of `s` it must be, with the first keys of the indexes that have the jobs of each value in an order. */
export interface OrderedDimension {
  readonly column: string;
  readonly value: string;
  readonly keys: Readonly<Partial<Record<JobOrder, IndexKeys>>>;
}

/** What an index begins with. */
export interface IndexKeys {
  readonly first: string;
  /** Whether the jobs of each status come after another. */
  readonly byStatus: boolean;
}

/** One way for a job to meet a filter; each can be read in the order of an index of its own. */
export interface JobBranch {
  readonly statuses: readonly JobStatus[];
  readonly conditions: readonly string[];
  readonly dimensions: readonly JobDimension[];
}

export const ALL_STATUSES: readonly JobStatus[] = ['pending', 'completed', 'cancelled'];

/** Who has a job, with the orders that indexes have their jobs in. */
export const ASSIGNEE = {
  column: 'j.assignee',
  keys: {
    created: { first: 'j.assignee', byStatus: true },
    urgency: { first: BY_URGENCY('j.assignee'), byStatus: false },
    due: { first: BY_DUE('j.assignee'), byStatus: false },
    closed: { first: BY_CLOSING('j.assignee'), byStatus: false },
  },
} as const;

export const CLAIMER = {
  column: 'j.claimed_by',
  keys: {
    created: { first: 'j.claimed_by', byStatus: true },
    closed: { first: BY_CLOSING('j.claimed_by'), byStatus: false },
  },
} as const;

/** The candidate of one position of a job that is free. */
export function candidateAt(position: number): Omit<OrderedDimension, 'value'> {
  const column = `j.candidates[${position}]`;
  return {
    column,
    keys: {
      created: { first: column, byStatus: false },
      urgency: { first: BY_URGENCY(column), byStatus: false },
      due: { first: BY_DUE(column), byStatus: false },
    },
  };
}

/** The values that a branch is read one by one for: of several where there are, or of one where an index has its jobs in the order. */
export function lateralOf({ dimensions }: JobBranch, order?: JobOrder): JobDimension | undefined {
  return (
    dimensions.find(({ alone }) => alone === undefined) ??
    dimensions.find(({ ordered }) => order !== undefined && ordered?.keys[order] !== undefined)
  );
}

/** Everything a branch asks for but its status, as conditions; all dimensions but `lateral` become conditions too. */
export function conditionsOf({ conditions, dimensions }: JobBranch, lateral?: JobDimension): readonly string[] {
  return [
    ...conditions,
    ...dimensions
      .filter((dimension) => dimension !== lateral)
      .map(({ source, match, alone }) => alone ?? `exists (select from ${source} where ${match})`),
  ];
}

/** That a job is of one of the statuses. */
export function statusIs(statuses: readonly JobStatus[]): readonly string[] {
  if (statuses.length === ALL_STATUSES.length) return [];
  if (statuses.length === 1) return [`j.status = '${statuses.join()}'`];
  const texts = statuses.map((status) => `'${status}'`).join(', ');
  return [...(statuses.includes('pending') ? [] : [`j.status <> 'pending'`]), `j.status in (${texts})`];
}

/** The ways to meet one of each list. */
export function product(ones: readonly JobBranch[], others: readonly JobBranch[]): readonly JobBranch[] {
  return ones.flatMap((one) =>
    others.map((other) => ({
      statuses: one.statuses.filter((status) => other.statuses.includes(status)),
      conditions: [...one.conditions, ...other.conditions],
      dimensions: [...other.dimensions, ...one.dimensions],
    })),
  );
}

/** That a job is of one of the branches. */
export function anyOf(branches: readonly JobBranch[]): string {
  if (branches.length === 0) return 'false';
  const texts = branches.map((branch) => {
    const conditions = [...statusIs(branch.statuses), ...conditionsOf(branch)];
    return conditions.length === 0 ? 'true' : conditions.join(' and ');
  });
  return `(${texts.map((text) => `(${text})`).join(' or ')})`;
}

/** What a text selects for each of the values, or just so. */
export function eachText(lateral: JobDimension | undefined, text: string): string {
  return lateral === undefined ? `(${text})` : `(select b.* from ${lateral.source} cross join lateral (${text}) b)`;
}

export function whereText(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}
