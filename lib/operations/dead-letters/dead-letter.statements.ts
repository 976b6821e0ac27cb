import { readyPosition } from '../../engine/claiming/claim.statements.js';
import { type Statement, statement } from '../../engine/database/statement.js';
import { normalisedMessage } from '../../engine/deliveries/error-fingerprint.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { eventDetailProperties } from '../events/event.listing.js';
import { deadLetterProperties } from './dead-letter.listing.js';

/** Most letters of a group that are counted. */
const COUNTED = 10_000;

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

/** A group of errors as JSON text, with what to go on from. */
export interface ErrorGroupRow {
  readonly receiver: number;
  readonly fingerprint: string;
  readonly item: string;
}

/**
 * Reads groups of errors from one on, in the order of receivers. Each step leaps to the first letter behind the group before, so that
 * many letters of one group cost no more than few.
 */
export function errorGroupsStatement({ deadLetter, receiver }: TableNames): Statement {
  const next = (after: string, fixed: string): string => `
    select l.receiver, l.fingerprint from ${deadLetter} l
    where l.kind = 'dead' and l.fingerprint is not null and (l.receiver, l.fingerprint) > ${after} and ${fixed}
    order by l.receiver, l.fingerprint limit 1`;
  const asked = '($4::int[] is null or l.receiver = any ($4::int[]))';
  const edge = (order: string): string => `
    select l.* from ${deadLetter} l where l.receiver = g.receiver and l.fingerprint = g.fingerprint and l.kind = 'dead'
    order by l.id ${order} limit 1`;
  return statement(
    'error_groups',
    `
with recursive g(receiver, fingerprint, number) as (
  select n.*, 1 from (${next('($1::int, $2::text)', asked)}) n
  union all
  select n.*, g.number + 1 from g cross join lateral (${next('(g.receiver, g.fingerprint)', asked)}) n where g.number < $3::int
)
select g.receiver, g.fingerprint, json_build_object('receiver', coalesce((select x.name from ${receiver} x where x.id = g.receiver), g.receiver::text),
  'errorGroup', g.fingerprint, 'error', newest.error,
  'message', ${normalisedMessage(`coalesce(case when newest.error is not null then newest.failures -> -1 ->> 'message' end, newest.reason)`)},
  'count', least(counted.count, ${COUNTED}), 'capped', counted.count > ${COUNTED}, 'firstSeen', oldest.died_at, 'lastSeen', newest.died_at)::text as item
from g cross join lateral (${edge('')}) oldest cross join lateral (${edge('desc')}) newest
cross join lateral (select count(*) as count from (
  select from ${deadLetter} l where l.receiver = g.receiver and l.fingerprint = g.fingerprint and l.kind = 'dead' limit ${COUNTED + 1}) c) counted
order by g.number`,
  );
}
