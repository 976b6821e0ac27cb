import type { Parameters } from './parameters.js';

/** The longest a transaction is taken to have been open when it wrote: rows are numbered when they are written, but dated when it began. */
const LONGEST_TRANSACTION = `interval '1 hour'`;

/** A span of time, both ends as ISO text. */
export interface TimeSpan {
  readonly from?: string | undefined;
  /** Not included. */
  readonly to?: string | undefined;
}

/**
 * Finds, without an index on the time, between which ids the rows of a span of time lie, by halving. Some outside of the span may be
 * among them, none of the span is missing.
 *
 * @param table whose ids were drawn from a sequence when the rows were written.
 * @param column the time they are dated by, which is that of their transaction's beginning.
 */
export function idRangeStatement(
  table: string,
  column: string,
  { from, to }: TimeSpan,
  parameters: Parameters,
): string {
  const first =
    from === undefined
      ? 'null'
      : firstIdSince(table, column, `${parameters.add(from, 'timestamptz')} - ${LONGEST_TRANSACTION}`);
  const end =
    to === undefined
      ? 'null'
      : firstIdSince(table, column, `${parameters.add(to, 'timestamptz')} + ${LONGEST_TRANSACTION}`);
  return `select (${first})::text as first, (${end})::text as end`;
}

function firstIdSince(table: string, column: string, moment: string): string {
  return `
  with recursive bound as materialized (select ${moment} as moment), step(low, high) as (
    select (select id from ${table} order by id limit 1), (select id from ${table} order by id desc limit 1) + 1
    union all
    select case when p.at < b.moment then p.id + 1 else s.low end,
      case when p.at < b.moment then s.high else s.low + (s.high - s.low) / 2 end
    from step s cross join bound b left join lateral (
      select x.id, x.${column} as at from ${table} x
      where x.id >= s.low + (s.high - s.low) / 2 and x.id < s.high order by x.id limit 1) p on true
    where s.low < s.high
  )
  select high from step where low >= high limit 1`;
}
