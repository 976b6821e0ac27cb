import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, AT, CLOCK, SCOPE } from './insight.fragments.js';

/** What happened to each job and when, as a table. */
function facts(names: JobTableNames): string {
  return `facts as (
  select j.type, f.kind, f.at, f.took, 1 as count
  from ${names.job} j cross join lateral (values
    ('opened', j.created_at, 0),
    (case when j.status = 'pending' then null when j.status = 'completed' then 'completed' when j.close_reason = 'expired' then 'expired' else 'cancelled' end, j.closed_at, 0),
    (case when j.status = 'completed' then 'took' end, j.created_at, ceil(date_part('epoch', j.closed_at - j.created_at) / 86400)::int4)
  ) f(kind, at, took) where f.kind is not null and ${SCOPE}
)`;
}

/**
 * Counts what was opened and closed on each of `$4` days in the time zone `$6`, the last of which is that of the moment `$5`, or today's.
 * What is older than all of them is only counted as far as it is still open at their beginning.
 */
export function flowStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, span as materialized (
  select last, last - $4::int4 + 1 as first, (last - $4::int4 - 1)::timestamp at time zone $6::text as cutoff
  from (select (coalesce($5::timestamptz, ${AT}) at time zone $6::text)::date as last) s
), ${facts(names)}, daily as materialized (
  select case when f.at < (select cutoff from span) then (select first - 1 from span)
      else greatest((f.at at time zone $6::text)::date, (select first - 1 from span)) end as day,
    f.kind, sum(f.count) as count
  from facts f where f.kind <> 'took' group by 1, 2
), counted as (
  select d.day, coalesce(sum(c.count) filter (where c.kind = 'opened'), 0) as opened, coalesce(sum(c.count) filter (where c.kind = 'completed'), 0) as completed,
    coalesce(sum(c.count) filter (where c.kind = 'cancelled'), 0) as cancelled, coalesce(sum(c.count) filter (where c.kind = 'expired'), 0) as expired
  from span cross join lateral (select span.first + n - 1 as day from generate_series(0, $4::int4) n) d left join daily c on c.day = d.day
  group by d.day
), flowed as (
  select *, sum(opened - completed - cancelled - expired) over (order by day) as open from counted
)
${answer(`
  select day, opened, completed, cancelled, expired, open from flowed where day >= (select first from span) order by day`)}`;
}

/**
 * Counts, for each of `$5` weeks in the time zone `$6`, the jobs created in it and those of them completed within `$4` days of 24 hours.
 */
export function completionStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, week as materialized (
  select monday, (monday + 7)::timestamp at time zone $6::text + $4::int4 * interval '24 hours' <= ${AT} as mature
  from (select date_trunc('week', ${AT} at time zone $6::text)::date - 7 * n as monday from generate_series(0, $5::int4 - 1) n) w
), ${facts(names)}, weekly as materialized (
  select f.type, date_trunc('week', f.at at time zone $6::text)::date as monday, sum(f.count) filter (where f.kind = 'opened') as created,
    sum(f.count) filter (where f.kind = 'took' and f.took <= $4::int4) as completed
  from facts f
  where f.kind in ('opened', 'took') and f.at >= (select (min(monday) - 1)::timestamp at time zone $6::text from week)
  group by 1, 2
)
${answer(`
  select t.type, w.monday as week, w.mature, coalesce(c.created, 0) as created, coalesce(c.completed, 0) as completed
  from (select distinct type from weekly where monday in (select monday from week) and created > 0) t cross join week w
  left join weekly c on c.type = t.type and c.monday = w.monday
  order by t.type, w.monday`)}`;
}
