/**
 * Fills the table of jobs as a busy application would: most of one type and for one role, some for few, some in the steps of a plan.
 * Indexes are built at once, which takes a fraction of the time.
 */
export async function fillJobs(database, { open, closed }) {
  const indexes = await database.query(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = 'jobs_job'::regclass and not indisprimary`,
  );
  await database.query('alter table jobs_job disable trigger user');
  for (const { name } of indexes) await database.query(`drop index ${name}`);
  await database.query(FILL, [closed, closed + open]);
  for (const { definition } of indexes) await database.query(definition);
  await database.query('alter table jobs_job enable trigger user');
  await database.query('vacuum analyze');
}

const FILL = `
insert into jobs_job (type, status, close_reason, outcome, target_type, target_id, key, tenant, assignee, candidates, priority, plan, step,
  metadata, tags, request_count, created_at, updated_at, last_requested_at, due_at, closed_at, uniqueness)
select case when n % 10 < 6 then 'type.common' else 'type.' || n % 20 end, status,
  case status when 'completed' then 'done' when 'cancelled' then 'expired' end, case status when 'completed' then 'granted' end,
  'Account', (n % 50000)::text, n::text, '', case when n % 3 = 1 then 'user:' || n % 9000 end,
  case when n % 3 = 1 then '{}' when n % 7 = 0 then '{role:finance,role:support}' else '{role:support}' end::text[],
  n % 5 - 2, case when n % 4 = 0 then 'onboarding' end, case when n % 4 = 0 then n % 16 / 4 end,
  jsonb_build_object('city', 'city ' || n % 1000), '{}', 1 + n % 9, created_at, created_at, created_at,
  case when n % 2 = 0 then created_at + n % 40 * interval '1 day' end,
  case when status <> 'pending' then created_at + n % 13 * interval '1 hour' end, 'none'
from (
  select n, case when n > $1 then 'pending' when n % 5 = 0 then 'cancelled' else 'completed' end as status,
    date_trunc('minute', now() - ($2 - n) * interval '1 second') as created_at
  from generate_series(1, $2) n
) made`;
