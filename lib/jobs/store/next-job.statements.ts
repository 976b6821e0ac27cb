import {
  BY_URGENCY,
  DUE_ORDER,
  FREE,
  FURTHER_CANDIDATES,
  HAS_FURTHER_CANDIDATES,
  ORDERED_CANDIDATES,
  RANK_ORDER,
} from '../schema/job-indexes.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { jobAsText } from './job.statements.js';

/** What a look for the next job was answered with. */
export interface NextJobRow {
  /** JSON of the job; null when none of those looked at could be locked. */
  readonly job: string | null;
  /** Whether there are more behind those looked at. */
  readonly more: boolean;
}

const PRINCIPALS = '$1::text[]';
const input = (path: string): string => `($2::jsonb ${path})`;
const CLOCK = `(now() + $3::float8 * interval '1 millisecond')`;

const IS_LEFT_ALONE = `(j.claimed_by is null or j.claim_expires_at <= ${CLOCK})`;

/** How many types are asked for. */
export type AskedTypes = 'any' | 'one' | 'several';

/** That it is of the types asked for. Of one type it can be seen in the indexes, so that jobs of others are passed without being read. */
const OF_TYPES: Readonly<Record<AskedTypes, string>> = {
  any: 'true',
  one: `j.type = ${input(`#>> '{types,0}'`)}`,
  several: `${input(`-> 'types'`)} ? j.type`,
};

/** Asked for, and not put off. */
const wantedOf = (types: AskedTypes): string => `${OF_TYPES[types]}
      and coalesce(j.snoozed_until, '-infinity') <= ${CLOCK} and j.waiting_on is null
      and (${input(`->> 'tenant'`)} is null or j.tenant = ${input(`->> 'tenant'`)})
      and (${input(`-> 'tags'`)} is null or j.tags @> array(select jsonb_array_elements_text(${input(`-> 'tags'`)})))
      and (${input(`-> 'except'`)} is null or not ${input(`-> 'except'`)} ? j.id::text)`;

const THEIRS = `(j.assignee = any (${PRINCIPALS}) or (j.assignee is null and j.candidates && ${PRINCIPALS}))`;

/** So many jobs that name somebody beyond the candidates in order are found and sorted; with more, they are met in their order soon enough. */
const FEW = 1_024;

/** How many lapsed claims are looked at for each job of a window; sweeps leave few. */
const LAPSED_PER_JOB = 32;

/**
 * Finds the most urgent job that is free and assigned to one of the principals in `$1` or open to one of them, and keeps others from it.
 * `$2` is what is asked for, `$3` the offset of the clock.
 *
 * Each way to be theirs has an index in the order of urgency and is read no further than the window; whoever finds all of these locked
 * looks at a larger one. It is not prepared: a plan made while there were few jobs would be kept when there are many.
 *
 * @param window how many jobs to look at.
 */
export function lockNextText(names: JobTableNames, window: number, types: AskedTypes): string {
  const wanted = wantedOf(types);
  const urgency = [RANK_ORDER('j.'), DUE_ORDER('j.'), 'j.id'];
  const some = (
    condition: string,
    { from = `${names.job} j`, order = urgency }: { readonly from?: string; readonly order?: readonly string[] } = {},
  ): string => `(select j.id, ${RANK_ORDER('j.')} as rank, ${DUE_ORDER('j.')} as due from ${from}
    where ${condition} and ${wanted} order by ${order.join(', ')} limit ${window})`;
  // Of a range of rows PostgreSQL knows no average size. Told that somebody has as many jobs as is usual, it would sort all that the
  // busiest have instead of reading the first ones in the order of the index.
  const each = (owner: string, condition: string): string => {
    const key = BY_URGENCY(owner);
    const place = `(${key}, ${RANK_ORDER('j.')})`;
    const theirs = `${condition} and ${owner} is not null
    and ${place} >= (s.principal, '-32768'::int2) and ${place} <= (s.principal, '32767'::int2)`;
    return `(select b.* from unnest(${PRINCIPALS}) as s(principal) cross join lateral ${some(theirs, { order: [key, ...urgency] })} b)`;
  };
  const positions = Array.from({ length: ORDERED_CANDIDATES }, (_, index) => index + 1);
  const further = `${FREE('j.')} and ${HAS_FURTHER_CANDIDATES('j.')}`;
  const ways = [
    each('j.assignee', `j.status = 'pending' and j.claimed_by is null`),
    ...positions.map((position) => each(`j.candidates[${position}]`, FREE('j.'))),
    `(select * from few where (select count(*) from few) < ${FEW})`,
    // Of `coalesce` PostgreSQL expects that it is as often true as not, and walks.
    `(select b.* from ${some(`${further} and coalesce(j.candidates && ${PRINCIPALS}, false)`)} b where (select count(*) from few) = ${FEW})`,
    some(THEIRS, { from: 'lapsed j' }),
  ];
  const lapsed = window * LAPSED_PER_JOB;
  // Behind `offset 0` PostgreSQL does not see whom it is about, and plans for a rare principal: which those of `few` are.
  return `
with asked as (
  select ${PRINCIPALS} as principals offset 0
), few as materialized (
  select b.* from asked a cross join lateral (select j.id, ${RANK_ORDER('j.')} as rank, ${DUE_ORDER('j.')} as due from ${names.job} j
    where ${further} and ${FURTHER_CANDIDATES('j.')} && a.principals and ${wanted} limit ${FEW}) b
), lapsed as materialized (
  select j.* from ${names.job} j where j.status = 'pending' and j.claim_expires_at <= ${CLOCK} order by j.claim_expires_at limit ${lapsed}
), next as materialized (
  select * from (
    ${ways.join('\n    union\n    ')}
  ) w order by rank, due, id limit ${window}
), locked as materialized (
  select j.* from next n join ${names.job} j on j.id = n.id
  where j.status = 'pending' and ${IS_LEFT_ALONE} and ${THEIRS} and ${wanted}
  order by n.rank, n.due, n.id limit 1 for no key update of j skip locked
)
select (select ${jobAsText('l')} from locked l) as job,
  (select count(*) from next) = ${window} or (select count(*) from lapsed) = ${lapsed} as more`;
}
