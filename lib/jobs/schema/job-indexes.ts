/** When a job is due, with those that never are behind all others. */
export const DUE_ORDER = (job = ''): string => `coalesce(${job}due_at, 'infinity'::timestamptz)`;

/** Higher priorities first. */
export const RANK_ORDER = (job = ''): string => `(-${job}priority)`;

/**
 * How many of a job's candidates have an index entry of their own in the order jobs are taken and listed; those beyond are few enough
 * to be found and sorted, or so frequent that they are soon met on the way along jobs that have such candidates.
 */
export const ORDERED_CANDIDATES = 3;

/** What makes a job free to be taken by its candidates. */
export const FREE = (job = ''): string =>
  `${job}status = 'pending' and ${job}assignee is null and ${job}claimed_by is null`;

/** Whether a job has candidates beyond those with an index entry of their own. */
export const HAS_FURTHER_CANDIDATES = (job = ''): string => `cardinality(${job}candidates) > ${ORDERED_CANDIDATES}`;

/** Candidates beyond those with an index entry of their own. */
export const FURTHER_CANDIDATES = (job = ''): string => `${job}candidates[${ORDERED_CANDIDATES + 1}:]`;

/** An index over expressions, or of another kind than a B-tree. */
export interface ExpressionIndex {
  readonly name: string;
  readonly using?: 'gin';
  readonly columns: readonly string[];
  readonly where: string;
}

const PENDING = `status = 'pending'`;
const WITH_FURTHER = `${FREE()} and ${HAS_FURTHER_CANDIDATES()}`;
const POSITIONS = Array.from({ length: ORDERED_CANDIDATES }, (_, index) => index + 1);

/**
 * Statistics of candidates beyond those with an index entry of their own, by which PostgreSQL knows whether to walk jobs in their order or
 * to find few and sort them. It takes none from an index that is partial, and would take every candidate for a rare one.
 */
export const FURTHER_STATISTICS = { name: 'jobs_job_further', expression: `(${FURTHER_CANDIDATES()})` };

/** The indexes of jobs that entities can name but not describe. */
export const EXPRESSION_INDEXES: readonly ExpressionIndex[] = [
  { name: 'jobs_job_by_rank', columns: [RANK_ORDER(), DUE_ORDER(), 'id'], where: PENDING },
  { name: 'jobs_job_by_type_rank', columns: ['type', RANK_ORDER(), DUE_ORDER(), 'id'], where: PENDING },
  {
    name: 'jobs_job_by_assignee_rank',
    columns: ['assignee', RANK_ORDER(), DUE_ORDER(), 'id'],
    where: `${PENDING} and assignee is not null`,
  },
  {
    name: 'jobs_job_by_assignee_due',
    columns: ['assignee', DUE_ORDER(), 'id'],
    where: `${PENDING} and assignee is not null`,
  },
  { name: 'jobs_job_by_due', columns: [DUE_ORDER(), 'id'], where: PENDING },
  { name: 'jobs_job_by_type_due', columns: ['type', DUE_ORDER(), 'id'], where: PENDING },
  ...POSITIONS.flatMap((position) => {
    const candidate = `(candidates[${position}])`;
    const where = position === 1 ? FREE() : `${FREE()} and candidates[${position}] is not null`;
    return [
      { name: `jobs_job_free_rank_${position}`, columns: [candidate, RANK_ORDER(), DUE_ORDER(), 'id'], where },
      { name: `jobs_job_free_created_${position}`, columns: [candidate, 'created_at', 'id'], where },
    ];
  }),
  {
    name: 'jobs_job_free_further',
    using: 'gin',
    columns: [`(${FURTHER_CANDIDATES()})`],
    where: WITH_FURTHER,
  },
  { name: 'jobs_job_free_further_rank', columns: [RANK_ORDER(), DUE_ORDER(), 'id'], where: WITH_FURTHER },
  { name: 'jobs_job_free_further_created', columns: ['created_at', 'id'], where: WITH_FURTHER },
  { name: 'jobs_job_by_tags', using: 'gin', columns: ['tags'], where: `${PENDING} and tags <> '{}'` },
];
