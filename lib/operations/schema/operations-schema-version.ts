import { fingerprintOf } from '../../engine/deliveries/error-fingerprint.js';
import type { SchemaPlace, SchemaVersion } from '../../engine/schema/schema-version.js';

/** What failed before there were groups of errors belongs to one, too. */
const backfill = ({ names }: SchemaPlace): readonly string[] => [
  `
update ${names.deadLetter} set error = failures -> -1 ->> 'name',
  fingerprint = ${fingerprintOf(`coalesce(failures -> -1 ->> 'name', '')`, `coalesce(failures -> -1 ->> 'message', reason)`)}
where fingerprint is null`,
  `
update ${names.delivery} set error = failures -> -1 ->> 'name',
  fingerprint = ${fingerprintOf(`coalesce(failures -> -1 ->> 'name', '')`, `coalesce(failures -> -1 ->> 'message', '')`)}
where attempts > 0 and fingerprint is null`,
];

/** What is needed to see what waits, runs and failed, and to act on it. */
export const operationsSchemaVersion: SchemaVersion = {
  version: 3,
  timestamp: 1795305600002,
  changes: ({ names }) => [names.receiver, names.worker, names.event, names.delivery, names.deadLetter],
  up: (place) => {
    const { names, table } = place;
    return [
      `alter table ${names.delivery} add column error text, add column fingerprint text, add column ready_at timestamptz`,
      `alter table ${names.deadLetter} add column error text, add column fingerprint text`,
      `alter table ${names.receiver} add column paused_at timestamptz, add column paused_by text, add column concurrency integer`,
      `alter table ${names.worker} add column receiver_versions smallint[] not null default '{}', add column package_version text,
  add column app_version text, add column in_flight integer not null default 0`,
      `create index jobs_event_correlation on ${names.event} (correlation_id, id) where correlation_id is not null`,
      `drop index ${table('delivery_due')}`,
      `create index jobs_delivery_due on ${names.delivery} (due_at, event_id, receiver) where due_at is not null`,
      `create index jobs_delivery_failed on ${names.delivery} (receiver, fingerprint, event_id) where fingerprint is not null`,
      `drop index ${table('dead_letter_receiver')}`,
      `create index jobs_dead_letter_receiver on ${names.deadLetter} (receiver, kind, id)`,
      `create index jobs_dead_letter_kind on ${names.deadLetter} (kind, id)`,
      `create index jobs_dead_letter_fingerprint on ${names.deadLetter} (receiver, fingerprint, id) where kind = 'dead'`,
      `create table ${table('audit')} (
  id bigserial not null, at timestamptz not null default now(), actor text not null, action text not null, subject text not null,
  reason text, details jsonb, constraint jobs_audit_pkey primary key (id))`,
      `create index jobs_audit_subject on ${table('audit')} (subject, id)`,
      `create table ${table('receiver_activity')} (
  receiver integer not null, minute timestamptz not null, worker integer not null, succeeded integer not null default 0,
  failed integer not null default 0, dead integer not null default 0, interrupted integer not null default 0,
  milliseconds bigint not null default '0', constraint jobs_receiver_activity_pkey primary key (receiver, minute, worker))`,
      `create index jobs_receiver_activity_minute on ${table('receiver_activity')} (minute)`,
      ...backfill(place),
    ];
  },
  extras: backfill,
  down: ({ names, table }) => [
    `drop table ${table('receiver_activity')}`,
    `drop table ${table('audit')}`,
    `drop index ${table('dead_letter_fingerprint')}`,
    `drop index ${table('dead_letter_kind')}`,
    `drop index ${table('dead_letter_receiver')}`,
    `create index jobs_dead_letter_receiver on ${names.deadLetter} (receiver, died_at)`,
    `drop index ${table('delivery_failed')}`,
    `drop index ${table('delivery_due')}`,
    `create index jobs_delivery_due on ${names.delivery} (due_at) where due_at is not null`,
    `drop index ${table('event_correlation')}`,
    `alter table ${names.worker} drop column in_flight, drop column app_version, drop column package_version, drop column receiver_versions`,
    `alter table ${names.receiver} drop column concurrency, drop column paused_by, drop column paused_at`,
    `alter table ${names.deadLetter} drop column fingerprint, drop column error`,
    `alter table ${names.delivery} drop column ready_at, drop column fingerprint, drop column error`,
    `delete from ${names.schemaVersion} where version = 3`,
  ],
};
