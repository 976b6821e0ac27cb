import { readyPosition } from '../../engine/claiming/claim.statements.js';
import { type Statement, statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { eventDetailProperties } from '../events/event.listing.js';
import { deadLetterProperties } from './dead-letter.listing.js';

/** What became of a dead letter that was asked for. */
export interface LetterActionRow {
  readonly id: string;
  readonly delivery_id: string | null;
  readonly result: 'changed' | 'open' | 'missing';
}

/** Reads one dead letter with its event and every failure. */
export function findDeadLetterStatement(names: TableNames): Statement {
  return statement(
    'find_dead_letter',
    `
select json_build_object(${deadLetterProperties(names)}, 'failures', coalesce(nullif(r.failures, 'null'), '[]'),
  'recordedEvent', json_build_object(${eventDetailProperties('j')}))::text as item
from ${names.deadLetter} r join ${names.event} j on j.id = r.event_id where r.id = $1::bigint`,
  );
}

/**
 * Makes dead letters deliveries again, ready now: with what happened to them, and with all attempts before them. Their claims go on from
 * where they were, plus one, so that whoever still holds an old claim, or writes the end of the last one twice, changes nothing.
 * One whose delivery is open, because its event was replayed, stays.
 */
export function redriveStatement(names: TableNames): Statement {
  return statement(
    'redrive',
    `
with asked as materialized (select distinct id from unnest($1::bigint[]) id),
locked as materialized (
  select l.id, l.event_id, l.receiver, exists (
    select from ${names.delivery} d where d.event_id = l.event_id and d.receiver = l.receiver) as open
  from asked join ${names.deadLetter} l on l.id = asked.id where l.kind = 'dead' order by l.id for update of l
), taken as (
  delete from ${names.deadLetter} l using locked where l.id = locked.id and not locked.open returning l.*
), written as (
  insert into ${names.delivery} (event_id, receiver, version, priority, lane, claims, failures, ready_xid, ready_at)
  select event_id, receiver, version, priority, lane, claims + 1, failures, ${readyPosition('lane')},
    now() + $2 * interval '1 millisecond' from taken order by event_id, receiver
  on conflict (event_id, receiver) do nothing
)
select asked.id::text, locked.event_id || '.' || locked.receiver as delivery_id,
  case when locked.open then 'open' when locked.id is not null then 'changed' else 'missing' end as result
from asked left join locked on locked.id = asked.id order by asked.id`,
  );
}

/** Settles dead letters without their being handled. */
export function discardLettersStatement(names: TableNames): Statement {
  return statement(
    'discard_letters',
    `
with asked as materialized (select distinct id from unnest($1::bigint[]) id),
changed as (
  update ${names.deadLetter} l set kind = 'discarded', reason = $2 from asked where l.id = asked.id and l.kind = 'dead' returning l.id
)
select asked.id::text, null as delivery_id, case when changed.id is null then 'missing' else 'changed' end as result
from asked left join changed on changed.id = asked.id order by asked.id`,
  );
}
