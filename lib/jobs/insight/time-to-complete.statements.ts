import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, AT, CLOCK, knownTypes, millisecondsBetween, OF_TENANT, OF_TYPES } from './insight.fragments.js';

/** Hours of the span figures are about unless one is given: 90 days. */
const DEFAULT_SPAN = 90 * 24;
/** One half, and what rounding may add to it: less than what one job among a hundred million does. */
const HALF = '(0.5 + 1e-9)';

/**
 * Estimates how long jobs created from `$4` on and before `$5` take until they are completed; of each curve at most `$6` points.
 *
 * `survival` is the Kaplan-Meier product over the ages at which jobs were completed, open and cancelled ones being censored at theirs.
 * `incidence` is the Aalen-Johansen sum: the share still open before each such age, times the share of them completed at it.
 * Products are sums of logarithms. A factor of zero has none; it can only be the last, for it leaves nobody at risk.
 */
export function timeToCompleteStatement(names: JobTableNames): string {
  return `
with recursive ${CLOCK}, ${knownTypes(names)}, ended as materialized (
  select j.type collate "C" as type, j.status, ${millisecondsBetween('j.created_at', `coalesce(j.closed_at, ${AT})`)} as age
  from ${names.job} j
  where j.status = any ('{pending,completed,cancelled}'::text[]) and ${OF_TYPES} and ${OF_TENANT}
    and j.created_at >= coalesce($4::timestamptz, ${AT} - interval '${DEFAULT_SPAN} hours') and ($5::timestamptz is null or j.created_at < $5::timestamptz)
), grouped as (
  select type, age, count(*) as n, count(*) filter (where status = 'completed') as d, count(*) filter (where status <> 'pending') as closed
  from ended group by type, age
), at_risk as (
  select type, age, d, closed, (sum(n) over (partition by type order by age desc))::float8 as k from grouped
), survived as (
  select type, age, d, k, case when d < k then exp(sum(${logarithm('d')}) over ages) else 0 end as survival,
    exp(coalesce(sum(${logarithm('closed')}) over (ages rows between unbounded preceding and 1 preceding), 0)) as open_before
  from at_risk window ages as (partition by type order by age)
), curves as (
  select type, age, k, survival, sum(open_before * d / k) over (partition by type order by age) as incidence,
    row_number() over (partition by type order by age desc) as from_end, count(*) over (partition by type) as steps
  from survived where d > 0
), thinned as (
  select *, row_number() over (partition by type, floor(survival * ($6::int4 - 1)) order by age) as of_level from curves
), medians as (
  select type, min(age) filter (where survival <= ${HALF}) as median, min(age) filter (where incidence >= 1 - ${HALF}) as incidence_median,
    jsonb_agg(jsonb_build_array(age, k, survival, incidence) order by age) filter (where steps <= $6::int4 or of_level = 1 or from_end = 1) as curve
  from thinned group by type
), counts as (
  select type, count(*) as jobs, count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'pending') as open, percentile_cont(0.5) within group (order by age) filter (where status = 'completed') as naive
  from ended group by type
)
${answer(`
  select c.type, c.jobs, c.completed, c.cancelled, c.open, c.naive as "naiveMedian", m.median, m.incidence_median as "incidenceMedian",
    coalesce(m.curve, '[]') as curve
  from counts c left join medians m on m.type = c.type order by c.type`)}`;
}

function logarithm(ending: string): string {
  return `case when ${ending} < k then ln(1 - ${ending} / k) end`;
}
