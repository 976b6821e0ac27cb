import {
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

/** Asked for, and not put off. */
const WANTED = `coalesce(j.snoozed_until, '-infinity') <= ${CLOCK} and j.waiting_on is null
      and (${input(`-> 'types'`)} is null or ${input(`-> 'types'`)} ? j.type) and (${input(`->> 'tenant'`)} is null or j.tenant = ${input(`->> 'tenant'`)})
      and (${input(`-> 'tags'`)} is null or j.tags @> array(select jsonb_array_elements_text(${input(`-> 'tags'`)})))
      and (${input(`-> 'except'`)} is null or not ${input(`-> 'except'`)} ? j.id::text)`;

const THEIRS = `(j.assignee = any (${PRINCIPALS}) or (j.assignee is null and j.candidates && ${PRINCIPALS}))`;

/**
 * Finds the most urgent job that is free and assigned to one of the principals in `$1` or open to one of them, and keeps others from it.
 * `$2` is what is asked for, `$3` the offset of the clock.
 *
 * Each way to be theirs has an index in the order of urgency and is read no further than the window; whoever finds all of these locked
 * looks at a larger one. It is not prepared: a plan made while there were few jobs would be kept when there are many.
 *
 * @param window how many jobs to look at.
 */
export function lockNextText(names: JobTableNames, window: number): string {
  const order = [RANK_ORDER('j.'), DUE_ORDER('j.'), 'j.id'].join(', ');
  const some = (
    condition: string,
  ): string => `(select j.id, ${RANK_ORDER('j.')} as rank, ${DUE_ORDER('j.')} as due from ${names.job} j
    where ${condition} and ${WANTED} order by ${order} limit ${window})`;
  const each = (condition: string): string =>
    `(select b.* from unnest(${PRINCIPALS}) as s(principal) cross join lateral ${some(condition)} b)`;
  const positions = Array.from({ length: ORDERED_CANDIDATES }, (_, index) => index + 1);
  const ways = [
    each(`j.status = 'pending' and j.assignee = s.principal and j.claimed_by is null`),
    ...positions.map((position) => each(`${FREE('j.')} and j.candidates[${position}] = s.principal`)),
    some(`${FREE('j.')} and ${HAS_FURTHER_CANDIDATES('j.')} and ${FURTHER_CANDIDATES('j.')} && ${PRINCIPALS}`),
    some(`j.status = 'pending' and j.claim_expires_at <= ${CLOCK} and ${THEIRS}`),
  ];
  return `
with next as materialized (
  select * from (
    ${ways.join('\n    union\n    ')}
  ) w order by rank, due, id limit ${window}
), locked as materialized (
  select j.* from next n join ${names.job} j on j.id = n.id
  where j.status = 'pending' and ${IS_LEFT_ALONE} and ${THEIRS} and ${WANTED}
  order by n.rank, n.due, n.id limit 1 for no key update of j skip locked
)
select (select ${jobAsText('l')} from locked l) as job, (select count(*) from next) = ${window} as more`;
}
