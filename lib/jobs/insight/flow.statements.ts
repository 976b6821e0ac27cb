import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, AT, CLOCK, SCOPE } from './insight.fragments.js';
import { facts } from './tally/tally.statements.js';

/**
 * The first quarter of an hour that is of a day, or of one after it, in the time zone `$6`: where clocks go back over midnight there are
 * two midnights, where they go forward over it there is none, and a day may be left out altogether.
 */
function beginningOf(day: string): string {
  const midnight = `${day}::timestamp at time zone $6::text`;
  return `(select min(q) from generate_series(${midnight} - interval '3 hours', ${midnight} + interval '3 hours', '15 minutes') q
      where (q at time zone $6::text)::date >= ${day})`;
}

/**
 * Counts what was opened and closed on each of `$4` days in the time zone `$6`, the last of which is that of the moment `$5`, or today's.
 * How many were open at the end of a day follows from how many are now, and from what was opened and closed since.
 */
export function flowStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, span as (
  select (coalesce($5::timestamptz, ${AT}) at time zone $6::text)::date as last
), day as materialized (
  select n, last - $4::int4 + n as day, ${beginningOf('(last - $4::int4 + n)')} as begins from span, generate_series(1, $4::int4 + 1) n
), edges as materialized (
  select array_agg(begins order by n) as edges, min(begins) as first from day
), ${facts(names, `${SCOPE} and j.kind <> 'took' and j.at >= (select first from edges)`)}, daily as materialized (
  select width_bucket(f.at, (select edges from edges)) as n, f.kind, sum(f.count) as count from facts f group by 1, 2
), counted as (
  select d.n, d.day, coalesce(sum(c.count) filter (where c.kind = 'opened'), 0) as opened,
    coalesce(sum(c.count) filter (where c.kind = 'completed'), 0) as completed,
    coalesce(sum(c.count) filter (where c.kind = 'cancelled'), 0) as cancelled, coalesce(sum(c.count) filter (where c.kind = 'expired'), 0) as expired
  from day d left join daily c on c.n = d.n group by d.n, d.day
), flowed as (
  select *, (select count(*) from ${names.job} j where j.status = 'pending' and ${SCOPE})
    - coalesce(sum(opened - completed - cancelled - expired) over (order by n rows between 1 following and unbounded following), 0) as open
  from counted
)
${answer(`
  select day, opened, completed, cancelled, expired, open from flowed where n <= $4::int4 order by n`)}`;
}

/**
 * Counts, for each of `$5` weeks in the time zone `$6`, the jobs created in it and those of them completed within `$4` days of 24 hours.
 */
export function completionStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, week as materialized (
  select n, monday, ${beginningOf('monday')} as begins
  from (
    select n, date_trunc('week', ${AT} at time zone $6::text)::date + 7 * (n - $5::int4) as monday from generate_series(1, $5::int4 + 1) n
  ) w
), edges as materialized (
  select array_agg(begins order by n) as edges, min(begins) as first, max(begins) as last from week
), ${facts(
    names,
    `${SCOPE} and j.kind in ('opened', 'took') and j.took <= $4::int4 and j.at >= (select first from edges) and j.at < (select last from edges)`,
  )}, weekly as materialized (
  select f.type, width_bucket(f.at, (select edges from edges)) as n, coalesce(sum(f.count) filter (where f.kind = 'opened'), 0) as created,
    coalesce(sum(f.count) filter (where f.kind = 'took'), 0) as completed
  from facts f group by 1, 2
), cohort as (
  select n, monday, lead(begins) over (order by n) + $4::int4 * interval '24 hours' <= ${AT} as mature from week
)
${answer(`
  select t.type, w.monday as week, w.mature, coalesce(c.created, 0) as created, coalesce(c.completed, 0) as completed
  from (select distinct type from weekly where created > 0) t cross join cohort w left join weekly c on c.type = t.type and c.n = w.n
  where w.n <= $5::int4 order by t.type, w.n`)}`;
}
