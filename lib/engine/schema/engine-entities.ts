import { EntitySchema } from 'typeorm';

import { bigint, integer, json, now, nullable, primary, serial, smallint, text, time } from './columns.js';

/** The engine's entities, in a schema of their own when one is given. */
export function engineEntities(schema: string | undefined): readonly EntitySchema[] {
  const place = schema === undefined ? {} : { schema };
  return [
    new EntitySchema({
      name: 'JobsEvent',
      tableName: 'jobs_event',
      ...place,
      columns: {
        id: bigint(serial('jobs_event_pkey')),
        name: text(),
        version: smallint({ default: 1 }),
        payload: json(),
        headers: json(nullable),
        correlationId: text({ name: 'correlation_id', ...nullable }),
        tenant: text(nullable),
        key: text(nullable),
        tags: text({ array: true, ...nullable }),
        receivers: integer({ array: true }),
        createdAt: time({ name: 'created_at', ...now }),
        retainUntil: time({ name: 'retain_until' }),
      },
      indices: [
        { name: 'jobs_event_retain_until', columns: ['retainUntil'] },
        { name: 'jobs_event_correlation', columns: ['correlationId', 'id'], where: 'correlation_id IS NOT NULL' },
      ],
    }),
    new EntitySchema({
      name: 'JobsDelivery',
      tableName: 'jobs_delivery',
      ...place,
      columns: {
        eventId: bigint({ name: 'event_id', ...primary('jobs_delivery_pkey') }),
        receiver: integer(primary('jobs_delivery_pkey')),
        version: smallint({ default: 1 }),
        priority: smallint({ default: 4 }),
        lane: integer(nullable),
        readyXid: bigint({ name: 'ready_xid', ...nullable, default: () => 'txid_current()' }),
        dueAt: time({ name: 'due_at', ...nullable }),
        claims: integer({ default: 0 }),
        attempts: smallint({ default: 0 }),
        interruptions: smallint({ default: 0 }),
        worker: integer(nullable),
        claimedAt: time({ name: 'claimed_at', ...nullable }),
        failures: json(nullable),
        // Of the last failure.
        error: text(nullable),
        fingerprint: text(nullable),
        // Since when it is ready, where that is later than the emission.
        readyAt: time({ name: 'ready_at', ...nullable }),
      },
      indices: [
        {
          name: 'jobs_delivery_ready',
          columns: ['receiver', 'priority', 'readyXid', 'eventId'],
          where: 'ready_xid IS NOT NULL',
        },
        { name: 'jobs_delivery_due', columns: ['dueAt', 'eventId', 'receiver'], where: 'due_at IS NOT NULL' },
        {
          name: 'jobs_delivery_failed',
          columns: ['receiver', 'fingerprint', 'eventId'],
          where: 'fingerprint IS NOT NULL',
        },
      ],
    }),
    new EntitySchema({
      name: 'JobsDeadLetter',
      tableName: 'jobs_dead_letter',
      ...place,
      columns: {
        id: bigint(serial('jobs_dead_letter_pkey')),
        eventId: bigint({ name: 'event_id' }),
        receiver: integer(),
        version: smallint(),
        priority: smallint(),
        lane: integer(nullable),
        claims: integer(),
        attempts: smallint(),
        interruptions: smallint(),
        kind: text(),
        reason: text(),
        failures: json(nullable),
        diedAt: time({ name: 'died_at', ...now }),
        error: text(nullable),
        fingerprint: text(nullable),
      },
      indices: [
        { name: 'jobs_dead_letter_event', columns: ['eventId'] },
        { name: 'jobs_dead_letter_receiver', columns: ['receiver', 'kind', 'id'] },
        { name: 'jobs_dead_letter_kind', columns: ['kind', 'id'] },
        {
          name: 'jobs_dead_letter_fingerprint',
          columns: ['receiver', 'fingerprint', 'id'],
          where: "kind = 'dead'",
        },
      ],
    }),
    new EntitySchema({
      name: 'JobsReceiver',
      tableName: 'jobs_receiver',
      ...place,
      columns: {
        id: integer(serial('jobs_receiver_pkey')),
        name: text(),
        formerNames: text({ name: 'former_names', array: true, default: () => "'{}'" }),
        registeredAt: time({ name: 'registered_at', ...now }),
        retiredAt: time({ name: 'retired_at', ...nullable }),
        pausedAt: time({ name: 'paused_at', ...nullable }),
        pausedBy: text({ name: 'paused_by', ...nullable }),
        // Set at run time, in place of what the code says.
        concurrency: integer(nullable),
      },
      indices: [{ name: 'jobs_receiver_name', columns: ['name'], unique: true }],
    }),
    new EntitySchema({
      name: 'JobsSubscription',
      tableName: 'jobs_subscription',
      ...place,
      columns: {
        pattern: text(primary('jobs_subscription_pkey')),
        receiver: integer(primary('jobs_subscription_pkey')),
        version: smallint(nullable),
      },
    }),
    new EntitySchema({
      name: 'JobsRegistration',
      tableName: 'jobs_registration',
      ...place,
      columns: { id: smallint(primary('jobs_registration_pkey')), revision: { type: 'uuid' } },
    }),
    new EntitySchema({
      name: 'JobsWorker',
      tableName: 'jobs_worker',
      ...place,
      columns: {
        id: integer(serial('jobs_worker_pkey')),
        boot: { type: 'uuid' },
        state: text({ default: 'live' }),
        mode: text(),
        proof: integer({ default: 0 }),
        host: text(),
        pid: integer(),
        receivers: integer({ array: true, default: () => "'{}'" }),
        backendPid: integer({ name: 'backend_pid', ...nullable }),
        leaseUntil: time({ name: 'lease_until', ...nullable }),
        seenAt: time({ name: 'seen_at', ...now }),
        startedAt: time({ name: 'started_at', ...now }),
        endedAt: time({ name: 'ended_at', ...nullable }),
        receiverVersions: smallint({ name: 'receiver_versions', array: true, default: () => "'{}'" }),
        packageVersion: text({ name: 'package_version', ...nullable }),
        appVersion: text({ name: 'app_version', ...nullable }),
        inFlight: integer({ name: 'in_flight', default: 0 }),
        label: text(nullable),
      },
      indices: [{ name: 'jobs_worker_open', columns: ['id'], where: 'ended_at IS NULL' }],
    }),
    new EntitySchema({
      name: 'JobsDeduplication',
      tableName: 'jobs_deduplication',
      ...place,
      columns: {
        hash: { type: 'bytea', ...primary('jobs_deduplication_pkey') },
        eventId: bigint({ name: 'event_id' }),
        until: time(),
      },
      indices: [{ name: 'jobs_deduplication_until', columns: ['until'] }],
    }),
    new EntitySchema({
      name: 'JobsSchema',
      tableName: 'jobs_schema',
      ...place,
      columns: { version: integer(primary('jobs_schema_pkey')), appliedAt: time({ name: 'applied_at', ...now }) },
    }),
  ];
}
