import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/** What a worker says of itself in the database. */
export interface DirectoryStatements {
  readonly announce: Statement;
  readonly takeTurn: Statement;
  readonly freeLabel: Statement;
  readonly takeLabel: Statement;
}

export function directoryStatements({ worker }: TableNames): DirectoryStatements {
  return {
    announce: statement(
      'announce_worker',
      `
update ${worker} set receivers = $2::int[], receiver_versions = $3::smallint[], package_version = $4, app_version = $5
where id = $1`,
    ),
    // Two processes of one label that start at the same moment: one of them comes second.
    takeTurn: statement(
      'take_turn_for_label',
      `select pg_advisory_xact_lock(hashtextextended('nestjs-jobs label ' || $1::text, 0))`,
    ),
    // Whoever lives holds a lock of its session, or behind a pooler a lease.
    freeLabel: statement(
      'free_worker_label',
      `
update ${worker} w set label = null where w.label = $1 and w.state = 'live' and w.id <> $2
  and coalesce(w.lease_until < clock_timestamp(), true) and not exists (
    select from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.classid = $3::int4::oid and l.objid = w.id::oid
      and l.objsubid = 2 and l.granted and l.database = (select oid from pg_catalog.pg_database where datname = current_database()))`,
    ),
    takeLabel: statement(
      'take_worker_label',
      `
with holder as (select min(id) as id from ${worker} where label = $1 and state = 'live' and id <> $2),
taken as (update ${worker} set label = $1 where id = $2 and (select id from holder) is null)
select id::text as holder from holder`,
    ),
  };
}
