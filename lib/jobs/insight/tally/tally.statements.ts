import { type Statement, statement } from '../../../engine/database/statement.js';
import type { JobTableNames } from '../../schema/job-table-names.js';

/** How many changes one statement folds into the tally. */
export const FOLD_BATCH = 10_000;

/** What tells one count from another. */
const KEY = 'tenant, type, kind, at, took';

/**
 * What a job `j` counts for, as a table of `kind`, `at` and `took`: that it was opened, by when it was created; how it was closed, by when
 * it was; and, for one completed, by when it was created and how many days it took, the last of them begun.
 *
 * Moments are cut down to quarters of an hour. In every time zone days begin on one, so that days of any zone, those of 23 and 25 hours
 * too, are sums of them.
 */
const FACTS = `(values
    ('opened', ${quarter('j.created_at')}, 0),
    (case when j.status = 'pending' then null when j.status = 'completed' then 'completed' when j.close_reason = 'expired' then 'expired'
      else 'cancelled' end, ${quarter('j.closed_at')}, 0),
    (case when j.status = 'completed' and isfinite(j.created_at) and isfinite(j.closed_at) then 'took' end, ${quarter('j.created_at')},
      case when isfinite(j.created_at) and isfinite(j.closed_at)
        then ceil(greatest(date_part('epoch', j.closed_at - j.created_at), 0) / 86400)::int4 end)
  ) f(kind, at, took)`;

/** Sums up what the jobs of a table count for; `sign` is what each counts. */
export function countsOf(jobs: string, sign: string): string {
  return `select j.tenant, j.type, f.kind, f.at, f.took, sum(${sign}) from ${jobs} cross join lateral ${FACTS}
  where f.kind is not null and isfinite(f.at) group by 1, 2, 3, 4, 5 having sum(${sign}) <> 0`;
}

/** The same without summing up, for one job as it was and as it is: what both count for is left out. */
export function changeOf(columns: readonly string[]): string {
  const row = (name: string, sign: string): string =>
    `(${columns.map((column) => `${name}.${column}`).join(', ')}, ${sign})`;
  const opening = (name: string): string => `(${name}.tenant, ${name}.type, ${name}.created_at)`;
  return `select j.tenant, j.type, f.kind, f.at, f.took, j.sign
  from (values ${row('old', '-1')}, ${row('new', '1')}) j(${columns.join(', ')}, sign) cross join lateral ${FACTS}
  where f.kind is not null and isfinite(f.at) and (f.kind <> 'opened' or ${opening('old')} is distinct from ${opening('new')})`;
}

/** Adds a batch of changes to the tally; the answer says how many. Of several processes each takes others, in one order of the tally. */
export function foldStatement(names: JobTableNames): Statement {
  return statement(
    'job_tally_fold',
    `
with taken as (
  delete from ${names.tallyChange} where id in (select id from ${names.tallyChange} order by id limit ${FOLD_BATCH} for update skip locked)
  returning *
), added as (
  insert into ${names.tally} as t (${KEY}, count)
  select ${KEY}, sum(count) from taken group by ${KEY} having sum(count) <> 0 order by ${KEY}
  on conflict (tenant, at, type, kind, took) do update set count = t.count + excluded.count
)
select count(*)::int4 as taken from taken`,
  );
}

/** Counts all jobs anew, in a transaction; nobody writes jobs meanwhile. */
export function recountStatements(names: Pick<JobTableNames, 'job' | 'tally' | 'tallyChange'>): readonly string[] {
  return [
    `lock table ${names.job} in share row exclusive mode`,
    `delete from ${names.tallyChange}`,
    `delete from ${names.tally}`,
    `insert into ${names.tally} (${KEY}, count) ${countsOf(`${names.job} j`, '1')}`,
  ];
}

/** What the tally holds of jobs in the scope of `j`, what is not folded yet among it: a table `facts`. */
export function facts(names: JobTableNames, condition: string): string {
  const columns = 'j.type, j.kind, j.at, j.took, j.count';
  return `facts as (
  select ${columns} from ${names.tally} j where ${condition}
  union all
  select ${columns} from ${names.tallyChange} j where ${condition}
)`;
}

function quarter(moment: string): string {
  const binned = `date_bin('15 minutes', ${moment}, '2000-01-01 00:00:00+00'::timestamptz)`;
  return `case when isfinite(${moment}) then ${binned} else ${moment} end`;
}
