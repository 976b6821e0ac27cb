import type { SchemaPlace, SchemaVersion } from '../../engine/schema/schema-version.js';
import { dropTally, tallyTables, tallyTriggers } from '../insight/tally/tally-schema.js';
import { EXPRESSION_INDEXES, FURTHER_STATISTICS } from './job-indexes.js';

/** Indexes that TypeORM cannot express; `synchronize` leaves them alone because the entities name them. */
const expressionIndexes = ({ table }: SchemaPlace): readonly string[] =>
  EXPRESSION_INDEXES.map(
    ({ name, using = 'btree', columns, where }) =>
      `create index if not exists ${name} on ${table('job')} using ${using} (${columns.join(', ')}) where ${where}`,
  );

const furtherStatistics = (place: SchemaPlace): string =>
  `create statistics if not exists ${statisticsName(place)} on ${FURTHER_STATISTICS.expression} from ${place.table('job')}`;

/** What lists, counts and figures of jobs read by. */
export const jobQueriesSchemaVersion: SchemaVersion = {
  version: 4,
  timestamp: 1795305600003,
  changes: ({ table }) => [table('job'), table('job_history')],
  up: (place) => [
    `drop index ${indexName(place, 'status')}`,
    `drop index ${indexName(place, 'assignee')}`,
    `create index jobs_job_by_status on ${place.table('job')} (status, created_at, id)`,
    `create index jobs_job_by_type on ${place.table('job')} (type, status, created_at, id)`,
    `create index jobs_job_by_assignee on ${place.table('job')} (assignee, status, created_at, id) where assignee is not null`,
    `create index jobs_job_by_claimer on ${place.table('job')} (claimed_by, status, created_at, id) where claimed_by is not null`,
    `create index jobs_job_by_tenant on ${place.table('job')} (tenant, status, created_at, id) where tenant <> ''`,
    `create index jobs_job_by_plan on ${place.table('job')} (plan, step, status, created_at, id) where plan is not null`,
    `create index jobs_job_by_update on ${place.table('job')} (updated_at, id) where status = 'pending'`,
    `create index jobs_job_by_closing on ${place.table('job')} (closed_at, id) where status <> 'pending'`,
    `create index jobs_job_by_type_closing on ${place.table('job')} (type, closed_at, id) where status <> 'pending'`,
    `create index jobs_job_history_comments on ${place.table('job_history')} (job_id, id) where action = 'commented'`,
    `create table ${place.table('secret')} (
  name text not null, secret text not null, created_at timestamptz not null default now(),
  constraint jobs_secret_pkey primary key (name))`,
    ...expressionIndexes(place),
    furtherStatistics(place),
    ...tallyTables(place),
    ...tallyTriggers(place),
  ],
  extras: (place) => [...expressionIndexes(place), furtherStatistics(place), ...tallyTriggers(place)],
  down: (place) => [
    ...dropTally(place),
    `drop table ${place.table('secret')}`,
    `drop statistics ${statisticsName(place)}`,
    ...[
      ...EXPRESSION_INDEXES.map(({ name }) => name.replace('jobs_job_', '')),
      'by_status',
      'by_type',
      'by_assignee',
      'by_claimer',
      'by_tenant',
      'by_plan',
      'by_update',
      'by_closing',
      'by_type_closing',
      'history_comments',
    ].map((name) => `drop index ${indexName(place, name)}`),
    `create index jobs_job_status on ${place.table('job')} (status, type, created_at)`,
    `create index jobs_job_assignee on ${place.table('job')} (assignee, priority, id) where status = 'pending'`,
    `delete from ${place.names.schemaVersion} where version = 4`,
  ],
};

function indexName({ table }: SchemaPlace, name: string): string {
  return table(`job_${name}`);
}

function statisticsName({ table }: SchemaPlace): string {
  return table(FURTHER_STATISTICS.name.replace('jobs_', ''));
}
