import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, CLOCK } from './insight.fragments.js';

/**
 * Counts subjects by step of the plan `$4`, whose types are, in its order, `$2`; of the tenant `$3` unless it is null, and of jobs created
 * from `$5` on and before `$6`. A subject is the target of a job within its tenant, or the job itself when it has none.
 */
export function funnelStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, place as (
  select type, place from unnest($2::text[]) with ordinality p(type, place)
), stood as (
  select tenant, target_type, target_id, own, type, max(step) as step, bool_or(status = 'completed') as done, bool_or(status = 'pending') as pending,
    coalesce(max(id) filter (where close_reason = 'expired') = max(id), false) as expired
  from (
    select j.*, case when j.target_type = '' then j.id end as own from ${names.job} j
    where j.plan = $4::text and ($3::text is null or j.tenant = $3::text)
      and ($5::timestamptz is null or j.created_at >= $5::timestamptz) and ($6::timestamptz is null or j.created_at < $6::timestamptz)
  ) planned group by tenant, target_type, target_id, own, type
), followed as (
  select s.type, s.step, s.done, s.pending and not s.done as here, s.expired and not s.done and not s.pending as expired, p.place,
    lag(p.place) over of_subject = p.place - 1 and lag(s.done) over of_subject as done_before, row_number() over of_subject = 1 as first
  from stood s left join place p on p.type = s.type
  window of_subject as (partition by s.tenant, s.target_type, s.target_id, s.own order by p.place)
)
${answer(`
  select type, max(step) as step, count(*) as reached, count(*) filter (where done) as done, count(*) filter (where here) as here,
    count(*) filter (where expired) as expired, count(*) filter (where not done and not here and not expired) as cancelled,
    count(*) filter (where done and done_before) as both, count(*) filter (where first and place is not null) as entered
  from followed group by type order by type`)}`;
}
