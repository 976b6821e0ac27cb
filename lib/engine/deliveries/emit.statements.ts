import { readyPosition } from '../claiming/claim.statements.js';
import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/** Number of lanes the keys of one receiver are spread over. */
export const LANES_PER_RECEIVER = 16;

const INPUT = `jsonb_to_recordset($1::jsonb) as (
    name text, version smallint, patterns text[], payload jsonb, headers jsonb, "correlationId" text, tenant text, key text, "keyLane" int,
    tags text[], priority smallint, delay float8, "runAt" timestamptz, retain float8, deduplication text, "deduplicationWindow" float8)`;

/** Rows the emit statements answer with, one an event, in the order given. */
export interface EmittedRow {
  /** `null` when the event it repeats was committed after this statement had begun. */
  readonly id: string | null;
  /** Receivers that are registered for the event. */
  readonly receivers: number;
  /** `false` when it repeats an event that holds its deduplication key. */
  readonly created: boolean;
}

/**
 * Writes events and one delivery for each registered receiver, in one statement.
 *
 * Who the receivers are is read from the registration in the same snapshot, so receivers this process does not contain get theirs too.
 * With `$3` nothing at all is written when an event has no receiver.
 */
export function emitStatement(names: TableNames): Statement {
  return statement(
    'emit',
    `
with input as materialized (${inputStep(names)}
), event as (${insertEvents(names, 'input')}
), delivery as (${insertDeliveries(names, 'input')}
)
select id::text, cardinality(receivers) as receivers, true as created from input order by position`,
  );
}

/**
 * The same for events with deduplication keys: an event whose key is still taken is not written, and the earlier event's id is answered;
 * of those that share a key in one call, the first is written.
 * Keys are taken in order, so that two callers that share several wait for each other instead of deadlocking.
 */
export function emitOnceStatement(names: TableNames): Statement {
  return statement(
    'emit_once',
    `
with input as materialized (${inputStep(names)}
), taken as (
  insert into ${names.deduplication} as d (hash, event_id, until)
  select distinct on (i.deduplication) decode(i.deduplication, 'hex'), i.id, ${clock()} + i."deduplicationWindow" * interval '1 millisecond'
  from input i where i.deduplication is not null and ${accepted('input')} order by i.deduplication, i.position
  on conflict (hash) do update set event_id = excluded.event_id, until = excluded.until where d.until <= ${clock()}
  returning hash, event_id
), fresh as materialized (
  select i.* from input i
  where i.deduplication is null or exists (select from taken t where t.event_id = i.id)
), event as (${insertEvents(names, 'fresh')}
), delivery as (${insertDeliveries(names, 'fresh')}
)
select coalesce(f.id, t.event_id, d.event_id)::text as id, cardinality(i.receivers) as receivers, f.id is not null as created
from input i left join fresh f on f.id = i.id
  left join taken t on f.id is null and t.hash = decode(i.deduplication, 'hex')
  left join ${names.deduplication} d
    on f.id is null and t.hash is null and d.hash = decode(i.deduplication, 'hex') and d.until > ${clock()}
order by i.position`,
  );
}

/**
 * The last id drawn for an event, as text: while it stays, nothing is emitted. Null where the role may not know. An expression that is
 * evaluated once, so that it can ride on a statement that is sent anyway.
 */
export function drawnEventsExpression(names: TableNames): string {
  const sequence = sequenceOf(names);
  return `(
  select case when has_sequence_privilege(${sequence}, 'USAGE, SELECT') then coalesce(pg_sequence_last_value(${sequence}), 0) end)::text`;
}

/** A deduplication key, as hex, and the event that holds it. */
export interface DuplicateRow {
  readonly key: string;
  readonly id: string;
}

/** Finds the events that hold deduplication keys, for when they were committed after the emit statement had begun. */
export function findDuplicatesStatement(names: TableNames): Statement {
  return statement(
    'find_duplicates',
    `
select k.key, d.event_id::text as id
from unnest($1::text[]) k(key) join ${names.deduplication} d on d.hash = decode(k.key, 'hex')`,
  );
}

function inputStep(names: TableNames): string {
  return `
  select nextval(${sequenceOf(names)}) as id, i.*,
    ${dueAt('i.delay', 'i."runAt"')} as due_at,
    array(select distinct s.receiver from ${names.subscription} s where s.pattern = any (i.patterns)) as receivers
  from rows from (${INPUT}) with ordinality as i(
    name, version, patterns, payload, headers, "correlationId", tenant, key, "keyLane",
    tags, priority, delay, "runAt", retain, deduplication, "deduplicationWindow", position)`;
}

function sequenceOf({ eventIdSequence }: TableNames): string {
  return `'${eventIdSequence.replaceAll("'", "''")}'::regclass`;
}

/** When deliveries are due; null when they are now. */
function dueAt(delay: string, runAt: string): string {
  return `case when ${delay} > 0 then ${momentClock()} + ${delay} * interval '1 millisecond'
      when ${runAt} > ${momentClock()} then ${runAt} end`;
}

/** A payload that is JSON's null is read as SQL's, and becomes one again. */
function insertEvents(names: TableNames, source: string): string {
  return `
  insert into ${names.event} (id, name, version, payload, headers, correlation_id, tenant, key, tags, receivers, created_at, retain_until)
  select id, name, version, coalesce(payload, 'null'), headers, "correlationId", tenant, key, tags, receivers, ${clock()},
    ${clock()} + retain * interval '1 millisecond'
  from ${source} where ${accepted('input')}`;
}

function insertDeliveries(names: TableNames, source: string): string {
  const lane = `r.receiver * ${LANES_PER_RECEIVER} + i."keyLane"`;
  return `
  insert into ${names.delivery} (event_id, receiver, version, priority, lane, due_at, ready_xid)
  select i.id, r.receiver, i.version, i.priority, ${lane}, i.due_at, case when i.due_at is null then ${readyPosition('i."keyLane"')} end
  from ${source} i cross join unnest(i.receivers) r(receiver) where ${accepted('input')}`;
}

function accepted(source: string): string {
  return `not ($3::boolean and exists (select from ${source} where receivers = '{}'))`;
}

/** The database's time, moved by the clock port's offset. */
function clock(): string {
  return `(now() + $2 * interval '1 millisecond')`;
}

/** The same at the moment of the statement: what it writes is never due before that, however long its transaction is open already. */
function momentClock(): string {
  return `(statement_timestamp() + $2 * interval '1 millisecond')`;
}
