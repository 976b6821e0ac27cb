import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/** How many rows one statement looks at. */
export const PURGE_BATCH = 500;

/**
 * Deletes events whose retention is over and to which nothing refers any more. Those that are still referred to are looked at again
 * later, the later the older they are, so that old dead letters do not stand in the way of each pass.
 */
export function purgeEventsStatement(names: TableNames): Statement {
  const clock = `(now() + $1 * interval '1 millisecond')`;
  return statement(
    'purge_events',
    `
with candidate as materialized (
  select id from ${names.event} where retain_until <= ${clock} order by retain_until limit ${PURGE_BATCH} for update skip locked
), referred as materialized (
  select c.id from candidate c
  where exists (select from ${names.delivery} d where d.event_id = c.id)
    or exists (select from ${names.deadLetter} l where l.event_id = c.id and l.kind = 'dead')
), later as (
  update ${names.event} e set retain_until = ${clock} + greatest(interval '1 minute', least(interval '1 day', ${clock} - e.created_at))
  from referred r where e.id = r.id
), purged as (
  delete from ${names.event} e using candidate c where e.id = c.id and not exists (select from referred r where r.id = c.id) returning e.id
), forgotten as (
  delete from ${names.deadLetter} l using purged p where l.event_id = p.id
)
select (select count(*)::int4 from candidate) as looked_at, (select count(*)::int4 from purged) as purged`,
  );
}

/** Frees deduplication keys whose window is over. */
export function purgeDeduplicationStatement(names: TableNames): Statement {
  return statement(
    'purge_deduplication',
    `
with expired as materialized (
  select hash from ${names.deduplication} where until <= now() + $1 * interval '1 millisecond'
  order by until limit ${PURGE_BATCH} for update skip locked
)
delete from ${names.deduplication} d using expired e where d.hash = e.hash`,
  );
}

/** Receivers that have ready deliveries, but no living worker to run them. */
export function orphansStatement(names: TableNames): Statement {
  return statement(
    'orphans',
    `
select r.name, (select count(*)::int4 from (
    select from ${names.delivery} d where d.receiver = r.id and d.ready_xid is not null limit 1000) waiting) as waiting
from ${names.receiver} r
where not exists (select from ${names.worker} w where w.state = 'live' and r.id = any (w.receivers))
  and exists (select from ${names.delivery} d where d.receiver = r.id and d.ready_xid is not null)
order by r.name limit 100`,
  );
}

/** Forgets what receivers did longer ago than anybody asks. */
export function purgeActivityStatement(names: TableNames): Statement {
  return statement(
    'purge_activity',
    `
delete from ${names.receiverActivity} a using (
  select receiver, minute, worker from ${names.receiverActivity}
  where minute < now() + $1 * interval '1 millisecond' - interval '25 hours' order by minute limit ${PURGE_BATCH} for update skip locked) old
where a.receiver = old.receiver and a.minute = old.minute and a.worker = old.worker`,
  );
}

/** Forgets workers that ended long ago. */
export function purgeWorkersStatement(names: TableNames): Statement {
  return statement(
    'purge_workers',
    `delete from ${names.worker} where state <> 'live' and seen_at < now() - interval '7 days'`,
  );
}
