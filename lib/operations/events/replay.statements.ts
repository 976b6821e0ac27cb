import { readyPosition } from '../../engine/claiming/claim.statements.js';
import { type Statement, statement } from '../../engine/database/statement.js';
import { LANES_PER_RECEIVER } from '../../engine/deliveries/emit.statements.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { eventDetailProperties } from './event.listing.js';

const DEFAULT_PRIORITY = 4;

/** So many lie below a column's largest number that each can still be counted up. */
const CLAIM_NUMBERS = 2 ** 30;

/** What became of one receiver of one event. */
export interface ReplayRow {
  readonly event_id: string;
  readonly receiver: number;
  /** `false` when its delivery is open already. */
  readonly created: boolean;
}

/** Reads an event with what it carries. */
export function findEventStatement(names: TableNames): Statement {
  return statement(
    'find_event',
    `select json_build_object(${eventDetailProperties('e')})::text as item from ${names.event} e where e.id = $1::bigint`,
  );
}

/** Name of an event, and the receivers it went to. */
export interface EventTargetsRow {
  readonly name: string;
  /** JSON list of numbers. */
  readonly receivers: string;
}

export function eventTargetsStatement(names: TableNames): Statement {
  return statement(
    'event_targets',
    `select name, to_json(receivers)::text as receivers from ${names.event} where id = $1::bigint`,
  );
}

/**
 * Delivers events again, ready now. An event that is gone has no row in the answer; one whose delivery is open keeps it.
 *
 * The events are locked first, and kept for an hour at least: a purge that had begun before leaves alone what was changed meanwhile. A dead
 * or discarded letter of the same receiver becomes the delivery, with its failures. Claims have to grow beyond whatever the delivery had
 * when it was done, which nobody remembers. The number of this transaction does: each claim since an earlier replay was a transaction, too.
 */
export function replayStatement(names: TableNames): Statement {
  const clock = `(now() + $3 * interval '1 millisecond')`;
  const keyLane = `get_byte(sha256(convert_to(a.key, 'UTF8')), 3) % ${LANES_PER_RECEIVER}`;
  return statement(
    'replay',
    `
with locked as materialized (
  select e.id, e.version, e.key, e.receivers, e.retain_until from ${names.event} e
  where e.id = any ($1::bigint[]) order by e.id for no key update
), asked as materialized (
  select distinct e.id as event_id, a.receiver, e.version, e.key
  from unnest($1::bigint[], $2::int[]) a(event_id, receiver) join locked e on e.id = a.event_id
), kept as (
  update ${names.event} e set retain_until = greatest(e.retain_until, ${clock} + interval '1 hour'),
    receivers = e.receivers || array(select a.receiver from asked a where a.event_id = e.id and a.receiver <> all (e.receivers) order by 1)
  from locked l where l.id = e.id
    and (l.retain_until < ${clock} + interval '1 hour' or exists (select from asked a where a.event_id = e.id and a.receiver <> all (l.receivers)))
), letters as materialized (
  select l.id, l.event_id, l.receiver from ${names.deadLetter} l join asked a on a.event_id = l.event_id and a.receiver = l.receiver
  where not exists (select from ${names.delivery} d where d.event_id = l.event_id and d.receiver = l.receiver) order by l.id for update of l
), taken as (
  delete from ${names.deadLetter} l using letters where l.id = letters.id returning l.*
), written as (
  insert into ${names.delivery} (event_id, receiver, version, priority, lane, claims, failures, ready_xid, ready_at)
  select a.event_id, a.receiver, a.version, coalesce(t.priority, ${DEFAULT_PRIORITY}), a.lane,
    coalesce(t.claims + 1, (txid_current() % ${CLAIM_NUMBERS})::int), t.failures, ${readyPosition('a.lane')}, ${clock}
  from (select a.*, a.receiver * ${LANES_PER_RECEIVER} + ${keyLane} as lane from asked a) a
    left join lateral (
      select t.priority, t.claims, t.failures from taken t where t.event_id = a.event_id and t.receiver = a.receiver order by t.id desc limit 1) t on true
  order by a.event_id, a.receiver
  on conflict (event_id, receiver) do nothing returning event_id, receiver
)
select a.event_id::text, a.receiver, w.event_id is not null as created
from asked a left join written w on w.event_id = a.event_id and w.receiver = a.receiver order by a.event_id, a.receiver`,
  );
}

/**
 * Gives deliveries that were just made again the letters which became visible only then: a worker that gave the delivery up at the same
 * moment had removed it, but the statement above could not see its letter yet.
 */
export function adoptLettersStatement(names: TableNames): Statement {
  return statement(
    'adopt_letters',
    `
with letters as materialized (
  select l.id from unnest($1::bigint[], $2::int[]) c(event_id, receiver)
    join ${names.deadLetter} l on l.event_id = c.event_id and l.receiver = c.receiver
  order by l.id for update of l skip locked
), taken as (
  delete from ${names.deadLetter} l using letters where l.id = letters.id returning l.*
)
update ${names.delivery} d set priority = t.priority, claims = t.claims + 1, failures = t.failures
from (select distinct on (event_id, receiver) * from taken order by event_id, receiver, id desc) t
where d.event_id = t.event_id and d.receiver = t.receiver`,
  );
}
