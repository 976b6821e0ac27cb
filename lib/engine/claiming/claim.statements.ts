import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { PRIORITY_BANDS } from './ready-bounds.js';

const BANDS = Array.from({ length: PRIORITY_BANDS }, (_, band) => band);

/** How many delayed deliveries one promotion makes ready. */
export const PROMOTION_BATCH = 500;

/** The answer of a claim: what it saw, and what it claimed, as the texts of arrays; `null` when that is nothing. */
export interface ClaimRow extends Nullable<ClaimedColumns> {
  readonly snapshot: string;
  readonly next_due_in: number | null;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly clock: number;
  /** How many deliveries were found for each receiver, as JSON; `null` when none was. */
  readonly found: string | null;
}

const COLUMNS = [
  'event_id',
  'receiver',
  'version',
  'priority',
  'ready_xid',
  'claims',
  'attempts',
  'interruptions',
] as const;

type ClaimedColumns = Readonly<Record<(typeof COLUMNS)[number], string>>;
type Nullable<Columns> = { readonly [Name in keyof Columns]: Columns[Name] | null };

/**
 * Claims for several receivers in one round trip, each up to its room, lower bands first.
 *
 * It must never be prepared under a name but on a session with {@link CLAIM_PLANNING}: planned once while the table was small, it would go
 * on scanning the table when it is large. The materialised steps keep the planner from evaluating the locking part twice. The rows it
 * locked are updated by their physical position: joined by key, the planner may well prefer to read the whole table. One that changed
 * hands between the look and the lock is found but not claimed.
 */
export function claimStatement(names: TableNames): Statement {
  const lows = BANDS.map((band) => `low${band}`).join(', ');
  const lowParameters = BANDS.map((band) => `$${band + 4}::bigint[]`).join(', ');
  const bands = `(values ${BANDS.map((band) => `(${band}::smallint, d.low${band})`).join(', ')}) b(priority, low)`;
  const claimable = `t.receiver = d.receiver and t.priority = b.priority and t.worker is null and t.version <= d.version`;
  return statement(
    'claim',
    `
with s as materialized (
  select pg_catalog.txid_current_snapshot()::text as snapshot, statement_timestamp() + $15 * interval '1 millisecond' as clock
), demand as materialized (
  select * from unnest($1::int[], $2::int[], $3::smallint[], ${lowParameters}) d(receiver, room, version, ${lows})
), hole as materialized (
  select * from unnest($12::int[], $13::bigint[]) h(receiver, xid)
), found as materialized (
  select f.position, f.receiver from demand d cross join lateral (
    select * from (
      select t.* from hole h cross join ${bands} cross join lateral (
        select t.ctid as position, t.receiver from ${names.delivery} t
        where ${claimable} and t.ready_xid = h.xid
        order by t.event_id limit d.room for update skip locked) t
      where h.receiver = d.receiver and h.xid < b.low) left_behind
    union all
    select * from (
      select t.* from ${bands} cross join lateral (
        select t.ctid as position, t.receiver from ${names.delivery} t
        where ${claimable} and t.ready_xid >= b.low
        order by t.ready_xid, t.event_id limit d.room for update skip locked) t) in_order
    limit d.room) f
), claimed as (
  update ${names.delivery} t set claims = t.claims + 1, worker = $14, claimed_at = s.clock
  from s where t.ctid = any (array(select position from found))
  returning ${COLUMNS.map((column) => `t.${column}`).join(', ')}
)
select s.snapshot, extract(epoch from s.clock)::float8 * 1000 as clock,
  (select extract(epoch from min(due_at) - s.clock)::float8 * 1000 from ${names.delivery} where due_at >= to_timestamp($16::float8 / 1000)) as next_due_in,
  (select jsonb_object_agg(f.receiver, f.number)::text from (select receiver, count(*) as number from found group by receiver) f) as found, c.*
from s cross join (select ${COLUMNS.map((column) => `array_agg(${column})::text as ${column}`).join(', ')} from claimed) c`,
  );
}

/** Makes delayed deliveries ready at the right end of the ready order, as if they had been written now. */
export function promoteStatement(names: TableNames): Statement {
  return statement(
    'promote',
    `
with due as materialized (
  select ctid as position from ${names.delivery}
  where due_at >= to_timestamp($1::float8 / 1000) and due_at <= statement_timestamp() + $2 * interval '1 millisecond'
  order by due_at limit ${PROMOTION_BATCH} for update skip locked
)
update ${names.delivery} t set due_at = null, ready_xid = ${readyPosition('t.lane')},
  ready_at = now() + $2 * interval '1 millisecond'
where t.ctid = any (array(select position from due))`,
  );
}

/**
 * The place a delivery takes in the ready order. Deliveries of one key must not overtake each other, so theirs lies behind every
 * transaction that was open: one that began early but waited for the key's lock commits late.
 */
export function readyPosition(lane: string): string {
  return `case when ${lane} is null then txid_current() else greatest(txid_current(), txid_snapshot_xmax(txid_current_snapshot())) end`;
}
