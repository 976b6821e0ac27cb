import { readyPosition } from '../../engine/claiming/claim.statements.js';
import { type Statement, statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { eventDetailProperties } from '../events/event.listing.js';
import { deliveryProperties } from './delivery.listing.js';

/** What became of a delivery that was asked for. */
export interface ActionRow {
  readonly event_id: string;
  readonly receiver: number;
  readonly result: 'changed' | 'unchanged' | 'busy' | 'missing';
}

/** Reads one delivery with its event, every failure and who has it. */
export function findDeliveryStatement(names: TableNames): Statement {
  return statement(
    'find_delivery',
    `
select json_build_object(${deliveryProperties(names)}, 'failures', coalesce(nullif(r.failures, 'null'), '[]'),
  'recordedEvent', json_build_object(${eventDetailProperties('j')}),
  'worker', (select json_build_object('id', w.id, 'host', w.host, 'pid', w.pid) from ${names.worker} w where w.id = r.worker))::text as item
from ${names.delivery} r join ${names.event} j on j.id = r.event_id where r.event_id = $1::bigint and r.receiver = $2::int`,
  );
}

/** Makes deliveries ready that are put off, at the right end of the ready order, as if they had been written now. */
export function retryStatement(names: TableNames): Statement {
  return statement(
    'retry_deliveries',
    actionStatement(
      names,
      `update ${names.delivery} d set due_at = null, ready_xid = ${readyPosition('d.lane')},
         ready_at = now() + $3 * interval '1 millisecond' from free f
       where ${SAME} returning d.event_id, d.receiver`,
      { only: 'd.ready_xid is null' },
    ),
  );
}

/** Puts deliveries off until a time, but never before now: workers have looked at what was due before. */
export function rescheduleStatement(names: TableNames): Statement {
  return statement(
    'reschedule_deliveries',
    actionStatement(
      names,
      `update ${names.delivery} d set ready_xid = null,
         due_at = greatest($3::timestamptz, statement_timestamp() + $4 * interval '1 millisecond')
       from free f where ${SAME} returning d.event_id, d.receiver`,
    ),
  );
}

/** Ends deliveries without their being handled; what is known of them is kept beside the dead letters. */
export function discardStatement(names: TableNames): Statement {
  return statement(
    'discard_deliveries',
    actionStatement(names, `delete from ${names.delivery} d using free f where ${SAME} returning d.*`, {
      then: `, kept as (
  insert into ${names.deadLetter} (event_id, receiver, version, priority, lane, claims, attempts, interruptions, kind, reason, failures,
    error, fingerprint, died_at)
  select event_id, receiver, version, priority, lane, claims, attempts, interruptions, 'discarded', $3, failures,
    error, fingerprint, now() + $4 * interval '1 millisecond' from changed
)`,
    }),
  );
}

const SAME = 'd.event_id = f.event_id and d.receiver = f.receiver and d.worker is null';

/** What an action has beside its change. */
interface ActionParts {
  /** Condition on deliveries that are not that way already. */
  readonly only?: string;
  /** Steps after the change. */
  readonly then?: string;
}

/**
 * Changes deliveries that no worker has. A row that is locked is being claimed, settled or changed at this moment: nobody waits for it.
 * Once the lock is there, no claim can begin before the change is committed; a claim that came first has left its mark in `worker`.
 *
 * What is locked leaves its place in the ready order. A row that stays there must not be locked: a claim would pass it by, and not look
 * there again for a long time.
 */
function actionStatement(
  { delivery }: TableNames,
  change: string,
  { only = 'true', then = '' }: ActionParts = {},
): string {
  return `
with asked as materialized (
  select distinct a.event_id, a.receiver from unnest($1::bigint[], $2::int[]) a(event_id, receiver)
), free as materialized (
  select d.event_id, d.receiver from asked a join ${delivery} d on d.event_id = a.event_id and d.receiver = a.receiver
  where d.worker is null and ${only} order by d.event_id, d.receiver for update of d skip locked
), changed as (${change}
)${then}
select a.event_id::text, a.receiver, case when c.event_id is not null then 'changed' when d.event_id is null then 'missing'
  when d.worker is null and not (${only}) then 'unchanged' else 'busy' end as result
from asked a left join changed c on c.event_id = a.event_id and c.receiver = a.receiver
  left join ${delivery} d on d.event_id = a.event_id and d.receiver = a.receiver
order by a.event_id, a.receiver`;
}
