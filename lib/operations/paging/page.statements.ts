import type { Listing } from './listing.js';
import { Parameters } from './parameters.js';
import { followsCondition, keyText, orderOf, type Walk } from './walk.js';

/** Rows one statement of a page looks at. */
export const WINDOW = 2_000;
/** Rows a count looks at, and one more that tells whether there are more. */
const COUNTED = 10_000;

/** A statement put together for one call: planned for its values, never kept prepared. */
export interface PageStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Row of a page. */
export interface PageRow {
  readonly keys: readonly string[];
  /** JSON; `null` for the last row that was looked at, when it does not belong to the list. */
  readonly item: string | null;
  /** Whether it is the last row that was looked at, and there may be more behind it. */
  readonly last: boolean;
}

/** Row of a count. */
export interface CountRow {
  readonly looked_at: number;
  readonly count: number;
}

/**
 * Reads on from a row. No more than a window of rows is looked at; when it ends before the page is full, its last row is answered too,
 * so that the next statement knows from where to go on.
 */
export function pageStatement(
  listing: Listing,
  walk: Walk,
  after: readonly string[] | null,
  limit: number,
): PageStatement {
  const parameters = new Parameters();
  const window = windowOf(walk, after, WINDOW, parameters);
  const { join, matches } = matching(listing, parameters);
  return {
    text: `
select json_build_array(${walk.keys.map((_, index) => `r.key${index}`).join(', ')})::text as keys,
  case when m.matches then (${listing.item})::text end as item, r.position = ${WINDOW} as last
from (${window}) r ${join}
cross join lateral (select coalesce(${matches}, false) as matches) m
where m.matches or r.position = ${WINDOW}
order by ${walk.keys.map((_, index) => `r.sort${index}${walk.descending ? ' desc' : ''}`).join(', ')} limit ${parameters.add(limit, 'integer')}`,
    values: parameters.values,
  };
}

/** Counts what a window of rows has of the list. */
export function countStatement(listing: Listing, walk: Walk): PageStatement {
  const parameters = new Parameters();
  const window = windowOf(walk, null, COUNTED + 1, parameters);
  const { join, matches } = matching(listing, parameters);
  return {
    text: `
select count(*)::int4 as looked_at, (count(*) filter (where ${matches}))::int4 as count from (${window}) r ${join}`,
    values: parameters.values,
  };
}

/** What is known of several walks together. */
export function cappedCount(rows: readonly CountRow[]): { count: number; capped: boolean } {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  return { count: Math.min(count, COUNTED), capped: count > COUNTED || rows.some((row) => row.looked_at > COUNTED) };
}

function windowOf(walk: Walk, after: readonly string[] | null, size: number, parameters: Parameters): string {
  const conditions = [
    ...walk.where(parameters),
    ...(after === null ? [] : [followsCondition(walk, after, parameters)]),
  ];
  const order = orderOf(walk);
  const keys = walk.keys.map((key, index) => `${key.column} as sort${index}, ${keyText(key)} as key${index}`);
  return `
  select r.*, row_number() over (order by ${order}) as position, ${keys.join(', ')}
  from ${walk.from} where ${conditions.length === 0 ? 'true' : conditions.join(' and ')} order by ${order} limit ${size}`;
}

function matching(listing: Listing, parameters: Parameters): { join: string; matches: string } {
  const own = listing.conditions(parameters);
  const { joined } = listing;
  if (joined === undefined) return { join: '', matches: both(own) };
  // A look-up of its own for each row, by its index: joined as a table, the planner might well prefer to read the whole of it.
  const join = `left join lateral (${joined.lookUp} and ${both(own)} limit 1) j on true`;
  return { join, matches: both([...own, ...joined.conditions(parameters)]) };
}

function both(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : `(${conditions.join(' and ')})`;
}
