import type { SchemaPlace, SchemaVersion } from './schema-version.js';
import { quoteIdentifier } from './table-names.js';

// The claim rewrites a delivery without touching an index, as long as its page has room: hence half-filled pages, and a vacuum that
// comes by the number of dead rows, not by their share in a table that is often nearly empty.
const deliveryStorage = ({ names }: SchemaPlace): string => `
alter table ${names.delivery} set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0)`;

/** The tables of the engine. */
export const engineSchemaVersion: SchemaVersion = {
  version: 1,
  timestamp: 1795305600000,
  // Defaults of small integers are quoted because that is how `synchronize` writes them, and PostgreSQL keeps the difference.
  up: (place) => [
    ...(place.schema === undefined ? [] : [`create schema if not exists ${quoteIdentifier(place.schema)}`]),
    `create table ${place.names.event} (
  id bigserial not null, name text not null, version smallint not null default '1', payload jsonb not null, headers jsonb,
  correlation_id text, tenant text, key text, tags text[], receivers integer[] not null,
  created_at timestamptz not null default now(), retain_until timestamptz not null,
  constraint jobs_event_pkey primary key (id))`,
    `create index jobs_event_retain_until on ${place.names.event} (retain_until)`,
    `create table ${place.names.delivery} (
  event_id bigint not null, receiver integer not null, version smallint not null default '1', priority smallint not null default '4',
  lane integer, ready_xid bigint default txid_current(), due_at timestamptz, claims integer not null default 0,
  attempts smallint not null default '0', interruptions smallint not null default '0', worker integer, claimed_at timestamptz, failures jsonb,
  constraint jobs_delivery_pkey primary key (event_id, receiver))`,
    `create index jobs_delivery_ready on ${place.names.delivery} (receiver, priority, ready_xid, event_id) where ready_xid is not null`,
    `create index jobs_delivery_due on ${place.names.delivery} (due_at) where due_at is not null`,
    `create table ${place.names.deadLetter} (
  id bigserial not null, event_id bigint not null, receiver integer not null, version smallint not null, priority smallint not null,
  lane integer, claims integer not null, attempts smallint not null, interruptions smallint not null, kind text not null,
  reason text not null, failures jsonb, died_at timestamptz not null default now(),
  constraint jobs_dead_letter_pkey primary key (id))`,
    `create index jobs_dead_letter_event on ${place.names.deadLetter} (event_id)`,
    `create index jobs_dead_letter_receiver on ${place.names.deadLetter} (receiver, died_at)`,
    `create table ${place.names.receiver} (
  id serial not null, name text not null, former_names text[] not null default '{}', registered_at timestamptz not null default now(),
  retired_at timestamptz, constraint jobs_receiver_pkey primary key (id))`,
    `create unique index jobs_receiver_name on ${place.names.receiver} (name)`,
    `create table ${place.names.subscription} (
  pattern text not null, receiver integer not null, version smallint,
  constraint jobs_subscription_pkey primary key (pattern, receiver))`,
    `create table ${place.names.worker} (
  id serial not null, boot uuid not null, state text not null default 'live', mode text not null, proof integer not null default 0,
  host text not null, pid integer not null, receivers integer[] not null default '{}', backend_pid integer, lease_until timestamptz, seen_at timestamptz not null default now(),
  started_at timestamptz not null default now(), ended_at timestamptz, constraint jobs_worker_pkey primary key (id))`,
    `create index jobs_worker_open on ${place.names.worker} (id) where ended_at is null`,
    `create table ${place.names.deduplication} (
  hash bytea not null, event_id bigint not null, until timestamptz not null, constraint jobs_deduplication_pkey primary key (hash))`,
    `create index jobs_deduplication_until on ${place.names.deduplication} (until)`,
    `create table ${place.names.schemaVersion} (
  version integer not null, applied_at timestamptz not null default now(), constraint jobs_schema_pkey primary key (version))`,
    ...engineSchemaVersion.extras(place),
  ],
  extras: (place) => [deliveryStorage(place)],
  down: ({ names }) =>
    [
      names.schemaVersion,
      names.deduplication,
      names.worker,
      names.subscription,
      names.receiver,
      names.deadLetter,
      names.delivery,
      names.event,
    ].map((table) => `drop table ${table}`),
};
