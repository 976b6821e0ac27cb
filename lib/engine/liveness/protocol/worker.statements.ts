import { type Statement, statement } from '../../database/statement.js';
import { controlsExpression } from '../../receivers/receiver-control.statements.js';
import type { TableNames } from '../../schema/table-names.js';
import { drawnEventsExpression } from '../../deliveries/emit.statements.js';
import type { PeerSighting } from './peer-sighting.js';

/** What a session says about itself and reads about others. */
export interface WorkerStatements {
  readonly schema: string;
  readonly backend: string;
  readonly enrol: string;
  readonly lock: string;
  readonly endOldBackend: string;
  readonly prove: string;
  readonly renew: string;
  readonly leave: string;
  readonly fenceClaim: string;
  readonly heldDeliveries: string;
  readonly look: Statement;
}

const lease = (parameter: string): string => `clock_timestamp() + ${parameter}::float8 * interval '1 millisecond'`;

export function workerStatements(names: TableNames): WorkerStatements {
  const { worker, delivery } = names;
  const controls = controlsExpression(names);
  const drawn = drawnEventsExpression(names);
  const own = `id = $1::int4 and boot = $2::uuid and state = 'live'`;
  return {
    schema: `
select n.nspname::text as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = $1::regclass`,
    backend: 'select pg_backend_pid()::text as backend',
    enrol: `
insert into ${worker} (boot, state, mode, proof, host, pid, backend_pid, lease_until, seen_at, started_at)
values ($1::uuid, 'live', $2::text, 0, $3, $4::int4, $5::int4, ${lease('$6')}, clock_timestamp(), clock_timestamp())
returning id::text as id`,
    lock: 'select pg_advisory_lock($1::int4, $2::int4)',
    // Half open connections keep their lock until the server notices; whoever owns it need not wait for that.
    endOldBackend: `
select pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a
where a.pid = $3::int4 and a.pid <> pg_backend_pid() and a.usename = current_user and exists (
  select from pg_catalog.pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted
    and l.classid = $1::int4::oid and l.objid = $2::int4::oid and l.objsubid = 2)`,
    prove: `
update ${worker} set proof = proof + 1, mode = $3, backend_pid = $4::int4, lease_until = ${lease('$5')}, seen_at = clock_timestamp()
where ${own} returning proof::text as proof`,
    renew: `update ${worker} set seen_at = clock_timestamp(), lease_until = ${lease('$3')} where ${own} returning 1`,
    leave: `update ${worker} set state = 'left', seen_at = clock_timestamp() where ${own} returning 1`,
    fenceClaim: `select ${controls} as controls from ${worker} where ${own} and proof = $3::int4 and lease_until > clock_timestamp() for share`,
    heldDeliveries: `
select event_id::text, receiver::text, version::text, priority::text, ready_xid::text, claims::text, attempts::text, interruptions::text
from ${delivery} where worker = $1::int4`,
    look: statement(
      'look_at_workers',
      `
select w.id::text, w.boot::text, w.state, w.mode, w.proof::text, w.host, l.pid::text as held_by, pg_backend_pid()::text as backend,
  (extract(epoch from clock_timestamp() - a.state_change) * 1000)::bigint::text as silent_for,
  (extract(epoch from clock_timestamp() - w.seen_at) * 1000)::bigint::text as unseen_for,
  coalesce(w.lease_until < clock_timestamp(), false)::text as lease_over, ${controls} as controls,
  ${drawn} as drawn
from ${worker} w
left join pg_catalog.pg_locks l on l.locktype = 'advisory' and l.classid = $1::int4::oid and l.objid = w.id::oid and l.objsubid = 2
  and l.granted and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where w.ended_at is null`,
    ),
  };
}

/** A row of `look`, all text: applications may have changed how `pg` parses other types. */
export interface LookRow {
  readonly id: string;
  readonly boot: string;
  readonly state: PeerSighting['state'];
  readonly mode: PeerSighting['mode'];
  readonly proof: string;
  readonly host: string;
  readonly held_by: string | null;
  readonly backend: string;
  readonly silent_for: string | null;
  readonly unseen_for: string;
  readonly lease_over: string;
  /** The same on every row. */
  readonly controls: string | null;
  /** The same on every row. */
  readonly drawn: string | null;
}

export function toSighting(row: LookRow): PeerSighting {
  return {
    id: Number(row.id),
    boot: row.boot,
    state: row.state,
    mode: row.mode,
    proof: Number(row.proof),
    host: row.host,
    heldBy: row.held_by === null ? null : Number(row.held_by),
    silentFor: row.silent_for === null ? null : Number(row.silent_for),
    unseenFor: Number(row.unseen_for),
    leaseOver: row.lease_over === 'true',
    backend: Number(row.backend),
  };
}
