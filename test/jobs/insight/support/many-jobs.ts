import type { DataSource } from 'typeorm';

/** How many jobs, pending and closed. */
export interface Amounts {
  readonly open: number;
  readonly closed: number;
}

/** Ten types of job, two of which are steps of a plan; a hundred assignees; pending ones of two months, closed ones of a year. */
const FILL = `
insert into jobs_job (type, plan, step, target_type, target_id, assignee, due_at, status, close_reason, created_at, closed_at)
select 'type.' || i % 10, case when i % 10 < 2 then 'plan' end, case when i % 10 < 2 then 1 + i % 10 end, 'X', $1 || (i / 10),
  case when i % 3 > 0 then 'user:' || i % 100 end, case when i % 4 = 0 then now() - (i % 20 - 10) * interval '1 day' end,
  $2, case when $2 = 'cancelled' then 'expired' end, created_at, case when $2 <> 'pending' then created_at + (i % 500) * interval '1 hour' end
from (select i, now() - interval '1 hour' - (i::float8 / $3::int4) * $4::interval as created_at from generate_series(1, $3::int4) i) c`;

/** Fills the table of jobs, past its indexes and the tally, which are made when all is there. */
export async function fillWithJobs(dataSource: DataSource, { open, closed }: Amounts): Promise<void> {
  const indexes = await dataSource.query<{ name: string; definition: string }[]>(
    `select indexname as name, indexdef as definition from pg_indexes where tablename = 'jobs_job' and indexname <> 'jobs_job_pkey'`,
  );
  await dataSource.query('alter table jobs_job disable trigger user');
  for (const { name } of indexes) await dataSource.query(`drop index ${name}`);
  const cancelled = Math.floor(closed / 5);
  await dataSource.query(FILL, ['p', 'pending', open, '60 days']);
  await dataSource.query(FILL, ['c', 'completed', closed - cancelled, '365 days']);
  await dataSource.query(FILL, ['x', 'cancelled', cancelled, '365 days']);
  for (const { definition } of indexes) await dataSource.query(definition);
  await dataSource.query('alter table jobs_job enable trigger user');
}
