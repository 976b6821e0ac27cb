import { EntitySchema } from 'typeorm';
import {
  bigint,
  integer,
  json,
  now,
  nullable,
  primary,
  serial,
  smallint,
  text,
  time,
} from '../../engine/schema/columns.js';
import { JobHistoryEntry } from '../model/job-history-entry.js';
import { Job } from '../model/job.js';
import { tallyEntities } from '../insight/tally/tally-schema.js';
import { EXPRESSION_INDEXES } from './job-indexes.js';

const none = { default: '' };
const noTexts = { array: true, default: () => "'{}'" };

/** Largest metadata or result of a job in bytes as PostgreSQL writes it, also after merging. */
export const JOB_JSON_LIMIT = 65_536;
/** Most tags of a job, also after adding. */
export const JOB_TAG_LIMIT = 32;

/** What the tables refuse by themselves, because only they know what a merge comes to. */
export const JOB_LIMIT_CHECKS = {
  metadata: 'jobs_job_metadata_check',
  result: 'jobs_job_result_check',
  tags: 'jobs_job_tags_check',
} as const;

/** The entities of jobs, in a schema of their own when one is given. */
export function jobEntities(schema: string | undefined): readonly EntitySchema[] {
  const place = schema === undefined ? {} : { schema };
  return [
    new EntitySchema({
      target: Job,
      name: 'Job',
      tableName: 'jobs_job',
      ...place,
      columns: {
        id: bigint(serial('jobs_job_pkey')),
        type: text(),
        typeVersion: smallint({ name: 'type_version', default: 1 }),
        status: text({ default: 'pending' }),
        closeReason: text({ name: 'close_reason', ...nullable }),
        outcome: text(nullable),
        targetType: text({ name: 'target_type', ...none }),
        targetId: text({ name: 'target_id', ...none }),
        key: text(none),
        tenant: text(none),
        assignee: text(nullable),
        candidates: text(noTexts),
        claimedBy: text({ name: 'claimed_by', ...nullable }),
        claimedAt: time({ name: 'claimed_at', ...nullable }),
        claimExpiresAt: time({ name: 'claim_expires_at', ...nullable }),
        startedAt: time({ name: 'started_at', ...nullable }),
        snoozedUntil: time({ name: 'snoozed_until', ...nullable }),
        waitingOn: text({ name: 'waiting_on', ...nullable }),
        priority: smallint({ default: 0 }),
        plan: text(nullable),
        step: integer(nullable),
        metadata: json({ default: () => "'{}'" }),
        result: json(nullable),
        tags: text(noTexts),
        createdBy: text({ name: 'created_by', ...nullable }),
        closedBy: text({ name: 'closed_by', ...nullable }),
        requestCount: integer({ name: 'request_count', default: 1 }),
        lastRequestedAt: time({ name: 'last_requested_at', ...now }),
        createdAt: time({ name: 'created_at', ...now }),
        updatedAt: time({ name: 'updated_at', ...now }),
        dueAt: time({ name: 'due_at', ...nullable }),
        dueNoticedAt: time({ name: 'due_noticed_at', ...nullable }),
        expiresAt: time({ name: 'expires_at', ...nullable }),
        closedAt: time({ name: 'closed_at', ...nullable }),
        version: integer({ default: 1 }),
        // How repeated requests are told from new ones; nothing an application needs to see.
        uniqueness: text({ default: 'open' }),
        // Drawn from the sequence of event ids when it was requested, so that requests and events have one order.
        position: bigint({ default: 0 }),
      },
      indices: [
        {
          name: 'jobs_job_open',
          columns: ['tenant', 'type', 'targetType', 'targetId', 'key'],
          unique: true,
          where: "status = 'pending' AND uniqueness <> 'none'",
        },
        {
          name: 'jobs_job_ever',
          columns: ['tenant', 'type', 'targetType', 'targetId', 'key'],
          unique: true,
          where: "uniqueness = 'ever'",
        },
        { name: 'jobs_job_target', columns: ['targetType', 'targetId', 'type'] },
        { name: 'jobs_job_by_status', columns: ['status', 'createdAt', 'id'] },
        { name: 'jobs_job_by_type', columns: ['type', 'status', 'createdAt', 'id'] },
        {
          name: 'jobs_job_by_assignee',
          columns: ['assignee', 'status', 'createdAt', 'id'],
          where: 'assignee IS NOT NULL',
        },
        {
          name: 'jobs_job_by_claimer',
          columns: ['claimedBy', 'status', 'createdAt', 'id'],
          where: 'claimed_by IS NOT NULL',
        },
        { name: 'jobs_job_by_tenant', columns: ['tenant', 'status', 'createdAt', 'id'], where: "tenant <> ''" },
        { name: 'jobs_job_by_plan', columns: ['plan', 'step', 'status', 'createdAt', 'id'], where: 'plan IS NOT NULL' },
        { name: 'jobs_job_by_update', columns: ['updatedAt', 'id'], where: "status = 'pending'" },
        { name: 'jobs_job_by_closing', columns: ['closedAt', 'id'], where: "status <> 'pending'" },
        { name: 'jobs_job_by_type_closing', columns: ['type', 'closedAt', 'id'], where: "status <> 'pending'" },
        // What these are over, TypeORM cannot say; it must know of them so as not to drop them.
        ...EXPRESSION_INDEXES.map(({ name }) => ({ name, columns: ['id'], synchronize: false })),
        { name: 'jobs_job_expiry', columns: ['expiresAt'], where: "status = 'pending' AND expires_at IS NOT NULL" },
        {
          name: 'jobs_job_due',
          columns: ['dueAt'],
          where: "status = 'pending' AND due_at IS NOT NULL AND due_noticed_at IS NULL",
        },
        {
          name: 'jobs_job_claim_expiry',
          columns: ['claimExpiresAt'],
          where: "status = 'pending' AND claim_expires_at IS NOT NULL",
        },
        {
          name: 'jobs_job_snooze',
          columns: ['snoozedUntil'],
          where: "status = 'pending' AND snoozed_until IS NOT NULL",
        },
      ],
      checks: [
        { name: 'jobs_job_status_check', expression: "status IN ('pending', 'completed', 'cancelled')" },
        { name: 'jobs_job_closed_check', expression: "(status = 'pending') = (closed_at IS NULL)" },
        { name: JOB_LIMIT_CHECKS.metadata, expression: `octet_length(metadata::text) <= ${JOB_JSON_LIMIT}` },
        { name: JOB_LIMIT_CHECKS.result, expression: `octet_length(result::text) <= ${JOB_JSON_LIMIT}` },
        { name: JOB_LIMIT_CHECKS.tags, expression: `cardinality(tags) <= ${JOB_TAG_LIMIT}` },
      ],
    }),
    new EntitySchema({
      target: JobHistoryEntry,
      name: 'JobHistoryEntry',
      tableName: 'jobs_job_history',
      ...place,
      columns: {
        id: bigint(serial('jobs_job_history_pkey')),
        jobId: bigint({ name: 'job_id' }),
        action: text(),
        actor: text(),
        at: time(now),
        before: json(nullable),
        after: json(nullable),
        note: text(nullable),
      },
      indices: [
        { name: 'jobs_job_history_job', columns: ['jobId', 'id'] },
        { name: 'jobs_job_history_comments', columns: ['jobId', 'id'], where: "action = 'commented'" },
      ],
    }),
    new EntitySchema({
      name: 'JobsRememberedCompletion',
      tableName: 'jobs_job_remembered',
      ...place,
      columns: {
        tenant: text(primary('jobs_job_remembered_pkey')),
        type: text(primary('jobs_job_remembered_pkey')),
        targetType: text({ name: 'target_type', ...primary('jobs_job_remembered_pkey') }),
        targetId: text({ name: 'target_id', ...primary('jobs_job_remembered_pkey') }),
        // Empty when it is about jobs of any key.
        key: text(primary('jobs_job_remembered_pkey')),
        reason: text(),
        eventId: bigint({ name: 'event_id', ...nullable }),
        outcome: text(nullable),
        result: json(nullable),
        metadata: json(nullable),
        actor: text(nullable),
        until: time(),
      },
      indices: [{ name: 'jobs_job_remembered_until', columns: ['until'] }],
    }),
    new EntitySchema({
      name: 'JobsSecret',
      tableName: 'jobs_secret',
      ...place,
      columns: {
        name: text(primary('jobs_secret_pkey')),
        secret: text(),
        createdAt: time({ name: 'created_at', ...now }),
      },
    }),
    ...tallyEntities(place),
  ];
}
