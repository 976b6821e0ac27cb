import type { JobTableNames } from '../schema/job-table-names.js';

/** The moment a figure is about, as a table of one row: the database's clock, moved by `$1` milliseconds. */
export const CLOCK = `clock as materialized (select now() + $1::float8 * interval '1 millisecond' as at)`;

/** The moment within a statement that begins with {@link CLOCK}: read once, not for each row. */
export const AT = '(select at from clock)';

/** Restricts jobs `j` to the types `$2` and the tenant `$3`, unless they are null. */
export const SCOPE = `($2::text[] is null or j.type = any ($2::text[])) and ($3::text is null or j.tenant = $3::text)`;

/** Milliseconds from one moment to another. */
export function millisecondsBetween(from: string, to: string): string {
  return `greatest(date_part('epoch', ${to} - ${from}), 0) * 1000`;
}

/** Milliseconds since 1970. */
export function milliseconds(moment: string): string {
  return `date_part('epoch', ${moment}) * 1000`;
}

/** Answers with the rows of `source` as JSON, in the order they have there, and with the moment they are about. */
export function answer(source: string): string {
  return `select (${milliseconds('clock.at')})::text as at,
  (select coalesce(jsonb_agg(to_jsonb(s)), '[]')::text from (${source}) s) as figures
from clock`;
}

/**
 * Names every type that has jobs, by stepping from one to the next in the index of types: a table `known`, for a statement that begins
 * with `with recursive`.
 */
export function knownTypes(names: JobTableNames): string {
  return `known (type) as (
  (select k.type from ${names.job} k order by k.type limit 1)
  union all
  select n.type from known cross join lateral (
    select k.type from ${names.job} k where k.type > known.type order by k.type limit 1) n
)`;
}

/** Restricts jobs `j` to the types `$2`, or to all there are, so that the index of types is read at them alone. */
export const OF_TYPES = `j.type = any (coalesce($2::text[], array(select type from known)))`;

/** Restricts jobs `j` to the tenant `$3`, unless it is null. */
export const OF_TENANT = `($3::text is null or j.tenant = $3::text)`;
