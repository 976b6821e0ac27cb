import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, AT, CLOCK, SCOPE } from './insight.fragments.js';
import { facts } from './tally/tally.statements.js';

/**
 * Counts what was opened and closed on each of `$4` days in the time zone `$6`, the last of which is that of the moment `$5`, or today's.
 * How many were open at the end of a day follows from how many are now, and from what was opened and closed since.
 */
export function flowStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, span as materialized (
  select last, last - $4::int4 + 1 as first, (last - $4::int4)::timestamp at time zone $6::text as cutoff
  from (select (coalesce($5::timestamptz, ${AT}) at time zone $6::text)::date as last) s
), ${facts(names, `${SCOPE} and j.kind <> 'took' and j.at >= (select cutoff from span)`)}, daily as materialized (
  select day, kind, sum(count) as count from (
    select least((f.at at time zone $6::text)::date, (select last + 1 from span)) as day, f.kind, f.count from facts f
  ) dated where day >= (select first from span) group by day, kind
), counted as (
  select d.day, coalesce(sum(c.count) filter (where c.kind = 'opened'), 0) as opened, coalesce(sum(c.count) filter (where c.kind = 'completed'), 0) as completed,
    coalesce(sum(c.count) filter (where c.kind = 'cancelled'), 0) as cancelled, coalesce(sum(c.count) filter (where c.kind = 'expired'), 0) as expired
  from span cross join lateral (select span.first + n as day from generate_series(0, $4::int4) n) d left join daily c on c.day = d.day
  group by d.day
), flowed as (
  select *, (select count(*) from ${names.job} j where j.status = 'pending' and ${SCOPE})
    - coalesce(sum(opened - completed - cancelled - expired) over (order by day rows between 1 following and unbounded following), 0) as open
  from counted
)
${answer(`
  select day, opened, completed, cancelled, expired, open from flowed where day <= (select last from span) order by day`)}`;
}

/**
 * Counts, for each of `$5` weeks in the time zone `$6`, the jobs created in it and those of them completed within `$4` days of 24 hours.
 */
export function completionStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, week as materialized (
  select monday, (monday + 7)::timestamp at time zone $6::text + $4::int4 * interval '24 hours' <= ${AT} as mature
  from (select date_trunc('week', ${AT} at time zone $6::text)::date - 7 * n as monday from generate_series(0, $5::int4 - 1) n) w
), ${facts(names, `${SCOPE} and j.kind in ('opened', 'took') and j.at >= (select (min(monday) - 1)::timestamp at time zone $6::text from week)`)}, weekly as materialized (
  select f.type, date_trunc('week', f.at at time zone $6::text)::date as monday, coalesce(sum(f.count) filter (where f.kind = 'opened'), 0) as created,
    coalesce(sum(f.count) filter (where f.kind = 'took' and f.took <= $4::int4), 0) as completed
  from facts f group by 1, 2
)
${answer(`
  select t.type, w.monday as week, w.mature, coalesce(c.created, 0) as created, coalesce(c.completed, 0) as completed
  from (select distinct type from weekly where monday in (select monday from week) and created > 0) t cross join week w
  left join weekly c on c.type = t.type and c.monday = w.monday
  order by t.type, w.monday`)}`;
}
