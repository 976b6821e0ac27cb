import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { fingerprintOf } from './error-fingerprint.js';

/** Claims the statements below settle, one row each: the fence is the claim's number. */
const CLAIMS = 'unnest($1::bigint[], $2::int[], $3::int[]) c(event_id, receiver, claims)';

/** The delivery of a claim, as long as nobody claimed it since. */
const FENCED = 'd.event_id = c.event_id and d.receiver = c.receiver and d.claims = c.claims';

/**
 * The delivery of a claim, as long as its holder did not give it up either. Putting off and handing back leave the claim's number as it
 * is, and a batch whose answer was lost is written again: without this it would count twice.
 */
const STILL_HELD = `${FENCED} and d.worker is not null`;

const SETTLED = 'd.event_id::text, d.receiver, d.claims';

/** Reads the events of claimed deliveries; payloads stay text, so that each receiver parses its own copy. */
export function readEventsStatement(names: TableNames): Statement {
  return statement(
    'read_events',
    `
select id::text, name, version, payload::text, headers::text, correlation_id, tenant, key,
  extract(epoch from created_at)::float8 * 1000 as created_at, cardinality(receivers) as deliveries
from ${names.event} where id = any ($1::bigint[])`,
  );
}

/** Acknowledges: a delivery that is done is no longer there. Answers with those that were another's, so mostly with nothing. */
export function acknowledgeStatement(names: TableNames): Statement {
  return statement(
    'acknowledge',
    `
with acknowledged as (
  delete from ${names.delivery} d using ${CLAIMS} where ${FENCED} returning c.event_id, c.receiver, c.claims
)
select c.event_id::text, c.receiver, c.claims from ${CLAIMS}
where (select count(*) from acknowledged) < cardinality($1)
  and not exists (
    select from acknowledged a where a.event_id = c.event_id and a.receiver = c.receiver and a.claims = c.claims
  )`,
  );
}

/**
 * The same for one delivery. Both are planned at each use, this one at half the cost. It is not kept prepared: a plan made while the table
 * was small would be kept as well, and go on reading the whole table when that is large.
 */
export function acknowledgeOneText({ delivery }: TableNames): string {
  return `delete from ${delivery} d where d.event_id = $1 and d.receiver = $2 and d.claims = $3 returning ${SETTLED}`;
}

/** Puts deliveries off: failed ones until their retry, others until the time they asked for. */
export function postponeStatement(names: TableNames): Statement {
  return statement(
    'postpone',
    `
update ${names.delivery} d set worker = null, claimed_at = null, ready_xid = null,
  due_at = now() + (c.delay + $2) * interval '1 millisecond',
  attempts = least(d.attempts + c.failed, 32767),
  failures = ${appended('d.failures', 'c.failure')},
  error = coalesce(c.failure ->> 'name', d.error), fingerprint = coalesce(${fingerprintOfFailure('c.failure')}, d.fingerprint)
from ${outcomes('delay float8, failed int, failure jsonb')} where ${STILL_HELD} returning ${SETTLED}`,
  );
}

/**
 * Hands deliveries back in their place. What had begun was interrupted, which costs no attempt but is counted; what had not
 * is as if it had never been claimed.
 */
export function handBackStatement(names: TableNames): Statement {
  return statement(
    'hand_back',
    `
update ${names.delivery} d set worker = null, claimed_at = null, interruptions = least(d.interruptions + c.interrupted, 32767),
  failures = ${appended('d.failures', 'c.failure')}
from ${outcomes('interrupted int, failure jsonb')} where ${STILL_HELD} returning ${SETTLED}`,
  );
}

/** Moves deliveries that end without having been handled to the dead letters, with the reason and every failure. */
export function buryStatement(names: TableNames): Statement {
  return statement(
    'bury',
    `
with buried as (
  delete from ${names.delivery} d using ${outcomes('failed int, kind text, reason text, failure jsonb')} where ${FENCED}
  returning d.*, c.failed, c.kind, c.reason, c.failure
), kept as (
  insert into ${names.deadLetter} (event_id, receiver, version, priority, lane, claims, attempts, interruptions, kind, reason, failures, died_at,
    error, fingerprint)
  select event_id, receiver, version, priority, lane, claims, least(attempts + failed, 32767), interruptions, kind, reason,
    ${appended('failures', 'failure')}, now() + $2 * interval '1 millisecond',
    coalesce(failure ->> 'name', error), coalesce(${fingerprintOfFailure('failure')}, fingerprint, ${fingerprintOf(`''`, 'reason')})
  from buried
)
select ${SETTLED} from buried d`,
  );
}

/** Null without a failure. */
function fingerprintOfFailure(failure: string): string {
  return fingerprintOf(`${failure} ->> 'name'`, `${failure} ->> 'message'`);
}

function outcomes(columns: string): string {
  return `jsonb_to_recordset($1::jsonb) c(event_id bigint, receiver int, claims int, ${columns})`;
}

/**
 * Keeps the time of every failure, but message and stack of the first and the last alone: what lies between repeats them and
 * would make a delivery that fails for days ever heavier.
 */
function appended(failures: string, failure: string): string {
  const known = `coalesce(nullif(${failures}, 'null'), '[]')`;
  return `case when ${failure} is null then ${failures}
    when jsonb_array_length(${known}) < 2 then ${known} || ${failure}
    else jsonb_set(${failures}, '{-1}', (${failures} -> -1) - 'stack' - 'message') || ${failure} end`;
}
