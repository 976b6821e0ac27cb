import { fingerprintOf } from '../../deliveries/error-fingerprint.js';
import type { TableNames } from '../../schema/table-names.js';

/** What ends another worker, and frees what it held. */
export interface ReleaseStatements {
  readonly takeLock: string;
  readonly declare: string;
  readonly find: string;
  readonly release: string;
  readonly finish: string;
  readonly notify: string;
  readonly terminate: string;
}

export function releaseStatements(names: TableNames): ReleaseStatements {
  const { worker, delivery, deadLetter } = names;
  const carried = 'event_id, receiver, version, priority, lane, claims, attempts';
  const qualified = carried.replaceAll(/\w+/g, (column) => `t.${column}`);
  return {
    takeLock: 'select pg_try_advisory_xact_lock($1::int4, $2::int4)::text as taken',
    declare: `
update ${worker} set state = 'dead'
where id = $1::int4 and state = 'live' and proof = $2::int4 and (mode <> 'lease' or lease_until < clock_timestamp())
returning host, pid::text`,
    // No index leads from a worker to its deliveries, since each claim would have to keep it: this reads the table once, and as a
    // statement of its own it may do so with several processes.
    find: `select event_id::text, receiver::text from ${delivery} where worker = $1::int4`,
    // They keep their place in the ready order. A locked one is being settled at this moment, or its holder's transaction is still
    // dying: it is left for the next look.
    release: `
with taken as materialized (
  select t.event_id, t.receiver, t.interruptions + $2::int4 as interruptions
  from unnest($5::bigint[], $6::int4[]) held(event_id, receiver) join ${delivery} t using (event_id, receiver)
  where t.worker = $1::int4 for update of t skip locked
), released as (
  update ${delivery} t set worker = null, claimed_at = null, interruptions = taken.interruptions
  from taken where t.event_id = taken.event_id and t.receiver = taken.receiver and ($2 = 0 or taken.interruptions < $3::int4)
  returning 1
), buried as (
  delete from ${delivery} t
  using taken where t.event_id = taken.event_id and t.receiver = taken.receiver and $2 = 1 and taken.interruptions >= $3::int4
  returning ${qualified}, taken.interruptions, t.failures
), letters as (
  insert into ${deadLetter} (${carried}, interruptions, kind, reason, failures, died_at, fingerprint)
  select ${carried}, interruptions, 'dead', 'interrupted ' || interruptions || ' times', failures,
    now() + $4::float8 * interval '1 millisecond', ${fingerprintOf(`''`, `'interrupted ' || interruptions || ' times'`)}
  from buried
  returning 1
)
select (select count(*) from released)::text as released, (select count(*) from letters)::text as buried`,
    finish: `update ${worker} set ended_at = clock_timestamp() where id = $1::int4 and state <> 'live' and ended_at is null`,
    notify: 'select pg_notify($1, $2)',
    // Once more by what the look saw: the number may belong to somebody else by now.
    terminate: `
select pg_terminate_backend(a.pid)::text as terminated from pg_catalog.pg_stat_activity a
where a.pid = $3::int4 and a.state_change < clock_timestamp() - $4::float8 * interval '1 millisecond' and exists (
  select from pg_catalog.pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted
    and l.classid = $1::int4::oid and l.objid = $2::int4::oid and l.objsubid = 2)`,
  };
}
