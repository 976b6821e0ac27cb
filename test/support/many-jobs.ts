import type { DataSource } from 'typeorm';

/** How many jobs to make. */
export interface JobNumbers {
  readonly open: number;
  readonly closed: number;
}

/**
 * Fills the table of jobs as a busy application would: most of one type and for one role, some for few, many requested at the same
 * moment, and what is rare all at the far end.
 */
export async function makeManyJobs(dataSource: DataSource, { open, closed }: JobNumbers): Promise<void> {
  const indexes = await dataSource.query<{ name: string; definition: string }[]>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = 'jobs_job'::regclass and not indisprimary`,
  );
  await dataSource.query('alter table jobs_job disable trigger user');
  // Built at once, indexes take a fraction of the time.
  for (const { name } of indexes) await dataSource.query(`drop index ${name}`);
  await dataSource.query(FILL, [closed, closed + open]);
  for (const { definition } of indexes) await dataSource.query(definition);
  await dataSource.query('alter table jobs_job enable trigger user');
  await dataSource.query('vacuum analyze jobs_job');
}

const FILL = `
insert into jobs_job (type, status, close_reason, outcome, target_type, target_id, key, tenant, assignee, candidates, claimed_by, claimed_at, started_at,
  priority, plan, step, metadata, tags, request_count, created_at, updated_at, last_requested_at, due_at, closed_at, uniqueness)
select
  case when rare then 'type.rare' when n % 10 < 6 then 'type.common' else 'type.' || n % 20 end,
  status, case status when 'completed' then 'done' when 'cancelled' then 'expired' end, case status when 'completed' then 'granted' end,
  'Account', (n % 50000)::text, n::text, case when n % 2 = 0 then '' else 'tenant:' || n % 300 end, assignee,
  case when assignee is not null then '{}' when rare then '{role:rare}'::text[] when n % 10 = 0 then array['user:1', 'user:2', 'user:3', 'role:fourth', further]
    when n % 7 = 0 then '{role:finance,role:support}' else '{role:support}' end,
  case when n % 11 = 0 then 'user:' || n % 900 end, case when n % 11 = 0 then created_at end, case when n % 22 = 0 then created_at end,
  case when rare then -5 else n % 5 - 2 end, case when n % 4 = 0 then 'onboarding' end, case when n % 4 = 0 then n % 16 / 4 end,
  jsonb_build_object('city', 'city ' || n % 1000), case when n % 100 = 0 then array['tag:' || n % 700] else '{}' end, 1 + n % 9,
  created_at, created_at, created_at,
  case when n % 2 = 0 then created_at + n % 40 * interval '1 day' end,
  case when status <> 'pending' then created_at + n % 13 * interval '1 hour' end, 'none'
from (
  select n, case when n > $1 then 'pending' when n % 5 = 0 then 'cancelled' else 'completed' end as status, n > $2 - 500 as rare,
    case when n % 5 = 1 then 'user:busy' when n % 3 = 1 then 'user:' || n % 9000 end as assignee,
    case when n % 3000 = 0 then 'role:seldom' when n % 300 = 0 then 'role:fifth' else 'role:support' end as further,
    date_trunc('minute', now() - ($2 - n) * interval '1 second') as created_at
  from generate_series(1, $2) n
) made`;
