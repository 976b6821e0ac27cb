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

/**
 * A principal as the key of an index in the order of urgency, of what is due, or of closing; the plain one is for the order of requests.
 *
 * Each order has a collation of its own, so that PostgreSQL can read the jobs of a principal by the index of the order asked for and by no
 * other. It estimates what reading one costs so closely to reading another and sorting, that it takes now one and now the other; and
 * what is little to be sorted for most principals is a lot for some.
 */
export const BY_URGENCY = (principal: string): string => `(${principal}) collate "C"`;
export const BY_DUE = (principal: string): string => `(${principal}) collate "POSIX"`;
/** Has no pending jobs in it, as that of urgency has no others. */
export const BY_CLOSING = BY_URGENCY;

/** An index over expressions, or of another kind than a B-tree. */
export interface ExpressionIndex {
  readonly name: string;
  readonly using?: 'gin';
  readonly columns: readonly string[];
  readonly where: string;
}

/** Behind the id the type changes no order, but jobs of other types can be passed without being read. */
const ID_AND_TYPE = ['id', 'type'];

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
    columns: [BY_URGENCY('assignee'), RANK_ORDER(), DUE_ORDER(), ...ID_AND_TYPE],
    where: `${PENDING} and assignee is not null`,
  },
  {
    name: 'jobs_job_by_assignee_due',
    columns: [BY_DUE('assignee'), DUE_ORDER(), ...ID_AND_TYPE],
    where: `${PENDING} and assignee is not null`,
  },
  ...['assignee', 'claimed_by'].map((principal) => ({
    name: `jobs_job_by_${principal === 'assignee' ? 'assignee' : 'claimer'}_closing`,
    columns: [BY_CLOSING(principal), 'closed_at', 'id'],
    where: `status <> 'pending' and ${principal} is not null`,
  })),
  { name: 'jobs_job_by_due', columns: [DUE_ORDER(), 'id'], where: PENDING },
  { name: 'jobs_job_by_type_due', columns: ['type', DUE_ORDER(), 'id'], where: PENDING },
  ...POSITIONS.flatMap((position) => {
    const candidate = `candidates[${position}]`;
    const where = position === 1 ? FREE() : `${FREE()} and candidates[${position}] is not null`;
    return [
      {
        name: `jobs_job_free_rank_${position}`,
        columns: [BY_URGENCY(candidate), RANK_ORDER(), DUE_ORDER(), ...ID_AND_TYPE],
        where,
      },
      { name: `jobs_job_free_due_${position}`, columns: [BY_DUE(candidate), DUE_ORDER(), ...ID_AND_TYPE], where },
      { name: `jobs_job_free_created_${position}`, columns: [`(${candidate})`, 'created_at', ...ID_AND_TYPE], where },
    ];
  }),
  {
    name: 'jobs_job_free_further',
    using: 'gin',
    columns: [`(${FURTHER_CANDIDATES()})`],
    where: WITH_FURTHER,
  },
  { name: 'jobs_job_free_further_rank', columns: [RANK_ORDER(), DUE_ORDER(), ...ID_AND_TYPE], where: WITH_FURTHER },
  { name: 'jobs_job_free_further_due', columns: [DUE_ORDER(), ...ID_AND_TYPE], where: WITH_FURTHER },
  { name: 'jobs_job_free_further_created', columns: ['created_at', ...ID_AND_TYPE], where: WITH_FURTHER },
  { name: 'jobs_job_by_tags', using: 'gin', columns: ['tags'], where: `${PENDING} and tags <> '{}'` },
];
