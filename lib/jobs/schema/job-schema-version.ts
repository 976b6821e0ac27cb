import type { SchemaVersion } from '../../engine/schema/schema-version.js';
import { JOB_JSON_LIMIT, JOB_LIMIT_CHECKS, JOB_TAG_LIMIT } from './job-entities.js';

/** The tables of jobs. */
export const jobSchemaVersion: SchemaVersion = {
  version: 2,
  timestamp: 1795305600001,
  // Defaults of small integers are quoted because that is how `synchronize` writes them, and PostgreSQL keeps the difference.
  up: ({ table }) => [
    `create table ${table('job')} (
  id bigserial not null, type text not null, type_version smallint not null default '1', status text not null default 'pending',
  close_reason text, outcome text, target_type text not null default '', target_id text not null default '', key text not null default '',
  tenant text not null default '', assignee text, candidates text[] not null default '{}', claimed_by text, claimed_at timestamptz,
  claim_expires_at timestamptz, started_at timestamptz, snoozed_until timestamptz, waiting_on text, priority smallint not null default '0',
  plan text, step integer, metadata jsonb not null default '{}', result jsonb, tags text[] not null default '{}', created_by text,
  closed_by text, request_count integer not null default 1, last_requested_at timestamptz not null default now(),
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(), due_at timestamptz,
  due_noticed_at timestamptz, expires_at timestamptz, closed_at timestamptz, version integer not null default 1,
  uniqueness text not null default 'open', position bigint not null default '0',
  constraint jobs_job_pkey primary key (id),
  constraint jobs_job_status_check check (status in ('pending', 'completed', 'cancelled')),
  constraint jobs_job_closed_check check ((status = 'pending') = (closed_at is null)),
  constraint ${JOB_LIMIT_CHECKS.metadata} check (octet_length(metadata::text) <= ${JOB_JSON_LIMIT}),
  constraint ${JOB_LIMIT_CHECKS.result} check (octet_length(result::text) <= ${JOB_JSON_LIMIT}),
  constraint ${JOB_LIMIT_CHECKS.tags} check (cardinality(tags) <= ${JOB_TAG_LIMIT}))`,
    `create unique index jobs_job_open on ${table('job')} (tenant, type, target_type, target_id, key)
  where status = 'pending' and uniqueness <> 'none'`,
    `create unique index jobs_job_ever on ${table('job')} (tenant, type, target_type, target_id, key) where uniqueness = 'ever'`,
    `create index jobs_job_target on ${table('job')} (target_type, target_id, type)`,
    `create index jobs_job_status on ${table('job')} (status, type, created_at)`,
    `create index jobs_job_assignee on ${table('job')} (assignee, priority, id) where status = 'pending'`,
    `create index jobs_job_expiry on ${table('job')} (expires_at) where status = 'pending' and expires_at is not null`,
    `create index jobs_job_due on ${table('job')} (due_at) where status = 'pending' and due_at is not null and due_noticed_at is null`,
    `create index jobs_job_claim_expiry on ${table('job')} (claim_expires_at) where status = 'pending' and claim_expires_at is not null`,
    `create index jobs_job_snooze on ${table('job')} (snoozed_until) where status = 'pending' and snoozed_until is not null`,
    `create table ${table('job_history')} (
  id bigserial not null, job_id bigint not null, action text not null, actor text not null, at timestamptz not null default now(),
  before jsonb, after jsonb, note text, constraint jobs_job_history_pkey primary key (id))`,
    `create index jobs_job_history_job on ${table('job_history')} (job_id, id)`,
    `create table ${table('job_remembered')} (
  tenant text not null, type text not null, target_type text not null, target_id text not null, key text not null, reason text not null,
  event_id bigint, outcome text, result jsonb, metadata jsonb, actor text, until timestamptz not null,
  constraint jobs_job_remembered_pkey primary key (tenant, type, target_type, target_id, key))`,
    `create index jobs_job_remembered_until on ${table('job_remembered')} (until)`,
  ],
  extras: () => [],
  down: ({ table, names }) => [
    `drop table ${table('job_remembered')}`,
    `drop table ${table('job_history')}`,
    `drop table ${table('job')}`,
    `delete from ${names.schemaVersion} where version = 2`,
  ],
};
