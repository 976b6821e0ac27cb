import { EntitySchema } from 'typeorm';
import { bigint, integer, json, now, nullable, primary, serial, text, time } from '../../engine/schema/columns.js';

const none = { default: 0 };

/** The entities of operations, in a schema of their own when one is given. */
export function operationsEntities(schema: string | undefined): readonly EntitySchema[] {
  const place = schema === undefined ? {} : { schema };
  return [
    new EntitySchema({
      name: 'JobsAudit',
      tableName: 'jobs_audit',
      ...place,
      columns: {
        id: bigint(serial('jobs_audit_pkey')),
        at: time(now),
        actor: text(),
        action: text(),
        subject: text(),
        reason: text(nullable),
        details: json(nullable),
      },
      indices: [{ name: 'jobs_audit_subject', columns: ['subject', 'id'] }],
    }),
    new EntitySchema({
      name: 'JobsReceiverActivity',
      tableName: 'jobs_receiver_activity',
      ...place,
      columns: {
        receiver: integer(primary('jobs_receiver_activity_pkey')),
        minute: time(primary('jobs_receiver_activity_pkey')),
        worker: integer(primary('jobs_receiver_activity_pkey')),
        succeeded: integer(none),
        failed: integer(none),
        dead: integer(none),
        interrupted: integer(none),
        milliseconds: bigint(none),
      },
      indices: [{ name: 'jobs_receiver_activity_minute', columns: ['minute'] }],
    }),
  ];
}
