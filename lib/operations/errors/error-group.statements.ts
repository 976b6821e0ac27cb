import { normalisedMessage } from '../../engine/deliveries/error-fingerprint.js';
import type { TableNames } from '../../engine/schema/table-names.js';

/** Most rows of a group that are counted. */
const COUNTED = 10_000;

/** A group of errors as JSON text, with what to go on from. */
export interface ErrorGroupRow {
  readonly receiver: number;
  readonly fingerprint: string;
  readonly item: string;
}

/** Where groups are read from: a table with an index on receiver, fingerprint and the order, for rows that meet the condition. */
export interface ErrorGroupSource {
  readonly table: string;
  /** Condition of the index, on the row `l`. */
  readonly condition: string;
  /** Column by which rows of a group are in order. */
  readonly order: string;
  /** SQL of a row's message. */
  message(row: string): string;
  /** SQL of when the oldest row was first seen. */
  firstSeen(row: string): string;
  /** SQL of when the newest row was last seen. */
  lastSeen(row: string): string;
}

export function deadLetterErrors({ deadLetter }: TableNames): ErrorGroupSource {
  return {
    table: deadLetter,
    condition: `l.kind = 'dead' and l.fingerprint is not null`,
    order: 'id',
    message: (row) =>
      `coalesce(case when ${row}.error is not null then ${row}.failures -> -1 ->> 'message' end, ${row}.reason)`,
    firstSeen: (row) => `${row}.died_at`,
    lastSeen: (row) => `${row}.died_at`,
  };
}

export function deliveryErrors({ delivery }: TableNames): ErrorGroupSource {
  return {
    table: delivery,
    condition: 'l.fingerprint is not null',
    order: 'event_id',
    message: (row) => `coalesce(${row}.failures -> -1 ->> 'message', '')`,
    firstSeen: (row) => `${row}.failures -> 0 ->> 'at'`,
    lastSeen: (row) => `${row}.failures -> -1 ->> 'at'`,
  };
}

/**
 * Reads groups of errors behind one, in the order of receivers. Each step leaps to the first row behind the group before, so that many
 * rows of one group cost no more than few.
 */
export function errorGroupsStatement({ receiver }: TableNames, source: ErrorGroupSource): string {
  const { table, condition, order } = source;
  const next = (after: string): string => `
    select l.receiver, l.fingerprint from ${table} l
    where ${condition} and (l.receiver, l.fingerprint) > ${after} and ($4::int[] is null or l.receiver = any ($4::int[]))
    order by l.receiver, l.fingerprint limit 1`;
  const inGroup = `l.receiver = g.receiver and l.fingerprint = g.fingerprint and ${condition}`;
  const edge = (direction: string): string =>
    `select l.* from ${table} l where ${inGroup} order by l.${order} ${direction} limit 1`;
  return `
with recursive g(receiver, fingerprint, number) as (
  select n.*, 1 from (${next('($1::int, $2::text)')}) n
  union all
  select n.*, g.number + 1 from g cross join lateral (${next('(g.receiver, g.fingerprint)')}) n where g.number < $3::int
)
select g.receiver, g.fingerprint, json_build_object('receiver', coalesce((select x.name from ${receiver} x where x.id = g.receiver), g.receiver::text),
  'errorGroup', g.fingerprint, 'error', newest.error, 'message', ${normalisedMessage(source.message('newest'))},
  'count', least(counted.count, ${COUNTED}), 'capped', counted.count > ${COUNTED},
  'firstSeen', ${source.firstSeen('oldest')}, 'lastSeen', ${source.lastSeen('newest')})::text as item
from g cross join lateral (${edge('asc')}) oldest cross join lateral (${edge('desc')}) newest
cross join lateral (select count(*) as count from (select from ${table} l where ${inGroup} limit ${COUNTED + 1}) c) counted
order by g.number`;
}
