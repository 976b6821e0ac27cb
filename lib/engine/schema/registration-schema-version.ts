import type { SchemaPlace, SchemaVersion } from './schema-version.js';

/**
 * Whatever changes the subscriptions, this package or an operator, gives them a new revision, which emitters compare with the one under
 * which they know them. Random, so that no revision ever comes back.
 */
const revisionTrigger = ({ table }: SchemaPlace): readonly string[] => [
  `create or replace function ${table('new_revision')}() returns trigger language plpgsql as $$
begin
  execute format('insert into %I.jobs_registration (id, revision) values (1, gen_random_uuid())
    on conflict (id) do update set revision = excluded.revision', tg_table_schema);
  return null;
end $$`,
  `create or replace trigger jobs_new_revision after insert or update or delete or truncate on ${table('subscription')}
  for each statement execute function ${table('new_revision')}()`,
];

/** The revision of the registration. */
export const registrationSchemaVersion: SchemaVersion = {
  version: 5,
  timestamp: 1795305600004,
  changes: ({ table }) => [table('subscription')],
  up: (place) => [
    `create table ${place.table('registration')} (
  id smallint not null, revision uuid not null, constraint jobs_registration_pkey primary key (id))`,
    ...registrationSchemaVersion.extras(place),
    `insert into ${place.table('registration')} (id, revision) values (1, gen_random_uuid())`,
  ],
  extras: revisionTrigger,
  down: ({ table, names }) => [
    `drop trigger jobs_new_revision on ${table('subscription')}`,
    `drop function ${table('new_revision')}()`,
    `drop table ${table('registration')}`,
    `delete from ${names.schemaVersion} where version = 5`,
  ],
};
