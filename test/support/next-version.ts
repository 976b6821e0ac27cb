import type { SchemaVersion } from '../../lib/engine/schema/schema-version.js';
import { SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';

const number = SCHEMA_VERSIONS.length + 1;

/** A version as the next one may be: it changes the tables that all others use. */
export const nextVersion: SchemaVersion = {
  version: number,
  timestamp: Math.max(...SCHEMA_VERSIONS.map(({ timestamp }) => timestamp)) + 1,
  changes: ({ names, table }) => [table('job'), names.receiver, names.event, names.delivery],
  up: ({ names, table }) => [
    `alter table ${names.event} add column next_note text`,
    `alter table ${names.delivery} add column next_number integer not null default 7`,
    `alter table ${names.receiver} add column next_flag boolean not null default false`,
    `create index jobs_delivery_next on ${names.delivery} (next_number, receiver)`,
    `alter table ${table('job')} add column next_note text`,
    `update ${table('job')} set next_note = 'there before'`,
    `create table ${table('next')} (id bigserial not null, constraint jobs_next_pkey primary key (id))`,
  ],
  extras: () => [],
  down: ({ names, table }) => [
    `drop table ${table('next')}`,
    `alter table ${table('job')} drop column next_note`,
    `drop index ${table('delivery_next')}`,
    `alter table ${names.receiver} drop column next_flag`,
    `alter table ${names.delivery} drop column next_number`,
    `alter table ${names.event} drop column next_note`,
    `delete from ${names.schemaVersion} where version = ${number}`,
  ],
};
