import type { JobTableNames } from '../schema/job-table-names.js';
import {
  answer,
  AT,
  CLOCK,
  knownTypes,
  milliseconds,
  millisecondsBetween,
  OF_TENANT,
  OF_TYPES,
  SCOPE,
} from './insight.fragments.js';

const PENDING = `j.status = 'pending' and ${SCOPE}`;

/**
 * Counts pending jobs by type and age; `$4` are the ends of the columns in milliseconds.
 *
 * A percentile is read at its place in the index, the oldest first, instead of sorting all ages: of `n` the one of rank `q * (n - 1)`, or
 * between its two neighbours, as `percentile_cont` has it.
 */
export function pendingStatement(names: JobTableNames): string {
  return `
with recursive ${CLOCK}, ${knownTypes(names)}, counted as (
  select type, bucket, count(*) as count, sum(age) as age, min(created_at) as since
  from (
    select j.type, j.created_at, a.age, width_bucket(a.age, $4::float8[]) as bucket
    from ${names.job} j cross join lateral (select ${millisecondsBetween('j.created_at', AT)} as age) a
    where j.status = 'pending' and ${OF_TYPES} and ${OF_TENANT}
  ) aged group by type, bucket
), typed as (
  select type, sum(count)::int8 as count, sum(age) / sum(count) as mean, min(since) as since, jsonb_object_agg(bucket, count) as columns
  from counted group by type
)
${answer(`
  select t.type, t.count, t.mean, ${millisecondsBetween('t.since', AT)} as oldest, ${milliseconds('t.since')} as since, t.columns,
    (select jsonb_agg(p.age order by q.q) from unnest('{0.5,0.9,0.99}'::float8[]) q(q)
      cross join lateral (select q.q * (t.count - 1) as rank) r
      cross join lateral (
        select ${millisecondsBetween('max(n.created_at)', AT)} as younger, ${millisecondsBetween('min(n.created_at)', AT)} as older
        from (
          select j.created_at from ${names.job} j
          where j.status = 'pending' and j.type = t.type and ${OF_TENANT}
          order by j.created_at offset (t.count - 1 - ceil(r.rank))::int8 limit (ceil(r.rank) - floor(r.rank) + 1)::int8
        ) n
      ) v
      cross join lateral (select v.younger + (r.rank - floor(r.rank)) * (v.older - v.younger) as age) p) as percentiles
  from typed t order by t.type`)}`;
}

/**
 * Reads the pending jobs that are at least `$4` milliseconds old, the oldest first, of the plan `$5` unless it is null, from behind the
 * moment `$6`, in microseconds, and the id `$7` on, at most `$8`.
 */
export function stalledStatement(names: JobTableNames): string {
  return `
with ${CLOCK}
${answer(`
  select j.id::text, j.type, j.plan, j.step, j.target_type as "targetType", j.target_id as "targetId", j.tenant, j.assignee,
    (extract(epoch from j.created_at) * 1000000)::int8::text as since, ${millisecondsBetween('j.created_at', AT)} as age
  from ${names.job} j
  where ${PENDING} and j.created_at <= ${AT} - $4::float8 * interval '1 millisecond' and ($5::text is null or j.plan = $5::text)
    and ($6::int8 is null or (j.created_at, j.id) > ('epoch'::timestamptz + $6::int8 * interval '1 microsecond', $7::int8))
  order by j.created_at, j.id limit $8::int8`)}`;
}

/**
 * Counts pending jobs by assignee: those of none first, then, the most first, those behind the count `$4` and the assignee `$5`, at
 * most `$6`.
 *
 * PostgreSQL expects little of a span it does not know, and reads pending jobs by an index of theirs instead of the table.
 */
export function workloadStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, ever as materialized (
  select '-infinity'::timestamptz as first, 'infinity'::timestamptz as last
), loads as materialized (
  select j.assignee, count(*) as open, count(*) filter (where j.due_at <= ${AT}) as overdue,
    count(*) filter (where j.claimed_by is not null and (j.claim_expires_at is null or j.claim_expires_at > ${AT})) as claimed,
    ${milliseconds('min(j.created_at)')} as since
  from ever cross join ${names.job} j where ${PENDING} and j.updated_at between ever.first and ever.last group by j.assignee
)
${answer(`
  select * from loads where assignee is null
  union all
  (select * from loads where assignee is not null
    and ($4::int8 is null or open < $4::int8 or (open = $4::int8 and assignee collate "C" > $5::text collate "C"))
  order by open desc, assignee collate "C" limit $6::int8)`)}`;
}
