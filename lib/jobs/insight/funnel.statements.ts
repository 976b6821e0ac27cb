import type { JobTableNames } from '../schema/job-table-names.js';
import { answer, CLOCK } from './insight.fragments.js';

const SUBJECT = 'tenant, target_type, target_id';

/**
 * Counts subjects by step of the plan `$4`; of the tenant `$3` unless it is null, and of jobs created from `$5` on and before `$6`. The types
 * of the plan are `$2`, their places in it `$7`: counted from one without gaps, the same for types of one step, null for those outside its
 * order. A subject is the target of a job within its tenant, or the job itself when it has none.
 */
export function funnelStatement(names: JobTableNames): string {
  return `
with ${CLOCK}, place as (
  select type, place from unnest($2::text[], $7::int4[]) p(type, place)
), stood as (
  select ${SUBJECT}, type, max(step) as step, bool_or(status = 'completed') as done, bool_or(status = 'pending') as pending,
    coalesce(max(id) filter (where close_reason = 'expired') = max(id), false) as expired
  from (
    select j.id, j.type, j.step, j.status, j.close_reason, j.tenant collate "C" as tenant, j.target_type collate "C" as target_type,
      case when j.target_type = '' then j.id::text else j.target_id end collate "C" as target_id
    from ${names.job} j
    where j.plan = $4::text and ($3::text is null or j.tenant = $3::text)
      and ($5::timestamptz is null or j.created_at >= $5::timestamptz) and ($6::timestamptz is null or j.created_at < $6::timestamptz)
  ) planned group by ${SUBJECT}, type
), followed as (
  select s.*, p.place, coalesce(bool_or(s.done) over (of_subject range between 1 preceding and 1 preceding), false) as done_before
  from stood s left join place p on p.type = s.type
  window of_subject as (partition by s.tenant, s.target_type, s.target_id order by p.place)
), counted as (
  select type, max(step) as step, count(*) as reached, count(*) filter (where done) as done, count(*) filter (where pending and not done) as here,
    count(*) filter (where expired and not pending and not done) as expired,
    count(*) filter (where not done and not pending and not expired) as cancelled, count(*) filter (where done and done_before) as both
  from followed group by type
), done_with as (
  select place, count(*) as done from (select distinct ${SUBJECT}, place from followed where done and place is not null) d group by place
), entered as materialized (
  select count(*) as entered from (select distinct ${SUBJECT} from stood where type = any ($2::text[])) d
)
${answer(`
  select coalesce(p.type, c.type) as type, c.step, coalesce(c.reached, 0) as reached, coalesce(c.done, 0) as done, coalesce(c.here, 0) as here,
    coalesce(c.expired, 0) as expired, coalesce(c.cancelled, 0) as cancelled, coalesce(c.both, 0) as both, coalesce(d.done, 0) as before,
    p.place, (select entered from entered) as entered
  from place p full join counted c on c.type = p.type left join done_with d on d.place = p.place - 1
  order by type`)}`;
}
