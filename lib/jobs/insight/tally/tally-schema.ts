import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { bigint, integer, primary, serial, text, time } from '../../../engine/schema/columns.js';
import type { SchemaPlace } from '../../../engine/schema/schema-version.js';
import { changeOf, countsOf, recountStatements } from './tally.statements.js';

const TALLY = 'jobs_job_tally_pkey';

/** The entities of the tally, in a schema of their own when one is given. */
export function tallyEntities(place: { readonly schema?: string }): readonly EntitySchema[] {
  return [
    new EntitySchema({
      name: 'JobsTally',
      tableName: 'jobs_job_tally',
      ...place,
      columns: {
        tenant: text(primary(TALLY)),
        at: time(primary(TALLY)),
        type: text(primary(TALLY)),
        kind: text(primary(TALLY)),
        took: integer(primary(TALLY)),
        count: bigint(),
      },
      indices: [{ name: 'jobs_job_tally_at', columns: ['at'] }],
    }),
    new EntitySchema({
      name: 'JobsTallyChange',
      tableName: 'jobs_job_tally_change',
      ...place,
      columns: {
        id: bigint(serial('jobs_job_tally_change_pkey')),
        tenant: text(),
        at: time(),
        type: text(),
        kind: text(),
        took: integer(),
        count: bigint(),
      } satisfies Record<string, EntitySchemaColumnOptions>,
    }),
  ];
}

/** Makes the tables of the tally. */
export function tallyTables({ table }: SchemaPlace): readonly string[] {
  return [
    `create table ${table('job_tally')} (
  tenant text not null, at timestamptz not null, type text not null, kind text not null, took integer not null, count bigint not null,
  constraint jobs_job_tally_pkey primary key (tenant, at, type, kind, took))`,
    `create index jobs_job_tally_at on ${table('job_tally')} (at)`,
    `create table ${table('job_tally_change')} (
  id bigserial not null, tenant text not null, at timestamptz not null, type text not null, kind text not null, took integer not null,
  count bigint not null, constraint jobs_job_tally_change_pkey primary key (id))`,
  ];
}

/**
 * Has the database itself note what each change of a job changes in the tally, and counts the jobs that are there already.
 *
 * By triggers, because jobs are also written past this package: imported, seeded, removed. Each only adds rows, so that no two
 * transactions wait for each other; and of updates, only those that open or close a job fire it.
 */
export function tallyTriggers({ table }: SchemaPlace): readonly string[] {
  const job = table('job');
  const change = table('job_tally_change');
  const note = table('job_tally_note');
  const add = `insert into ${change} (tenant, type, kind, at, took, count)`;
  const columns = ['tenant', 'type', 'status', 'close_reason', 'created_at', 'closed_at'];
  const changed = columns.map((column) => `old.${column} is distinct from new.${column}`).join(' or ');
  return [
    // The tables are found wherever they were when this was made, whatever path the writing session searches.
    `create or replace function ${note}() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    ${add} ${countsOf('written j', '1')};
  elsif tg_op = 'DELETE' then
    ${add} ${countsOf('written j', '-1')};
  elsif tg_op = 'UPDATE' then
    ${add} ${changeOf(columns)};
  else
    delete from ${change};
    delete from ${table('job_tally')};
  end if;
  return null;
end $$`,
    `create or replace trigger jobs_job_tally_insert after insert on ${job} referencing new table as written
  for each statement execute function ${note}()`,
    `create or replace trigger jobs_job_tally_delete after delete on ${job} referencing old table as written
  for each statement execute function ${note}()`,
    `create or replace trigger jobs_job_tally_update after update on ${job} for each row when (${changed}) execute function ${note}()`,
    `create or replace trigger jobs_job_tally_truncate after truncate on ${job} for each statement execute function ${note}()`,
    ...recountStatements({ job, tally: table('job_tally'), tallyChange: change }),
  ];
}

/** Takes all of it away. */
export function dropTally({ table }: SchemaPlace): readonly string[] {
  return [
    ...['insert', 'delete', 'update', 'truncate'].map(
      (event) => `drop trigger jobs_job_tally_${event} on ${table('job')}`,
    ),
    `drop function ${table('job_tally_note')}()`,
    `drop table ${table('job_tally_change')}`,
    `drop table ${table('job_tally')}`,
  ];
}
