import { type Statement, statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';

/** How many rows one transaction looks at. */
export const PRUNE_BATCH = 5_000;

/** Where a look at a batch ended, and what it found. */
export interface PruneRow {
  /** Highest id looked at; `null` when there was none. */
  readonly last: string | null;
  readonly looked_at: number;
  /** Ids to remove, as a JSON list. */
  readonly ids: string;
}

/** Statements of a prune; the first parameters of all are the id to look on from and the age, in milliseconds, beside the clock's offset. */
export interface PruneStatements {
  readonly letters: Statement;
  readonly events: Statement;
  readonly lockLetters: Statement;
  readonly lockEvents: Statement;
  readonly removeLetters: Statement;
  readonly removeEvents: Statement;
}

export function pruneStatements(names: TableNames): PruneStatements {
  const before = (age: string): string => `(now() + $2 * interval '1 millisecond' - ${age} * interval '1 millisecond')`;
  const batch = (from: string, condition: string): string => `
with batch as materialized (select r.* from ${from} r where r.id > $1::bigint order by r.id limit ${PRUNE_BATCH})
select (select max(id)::text from batch) as last, (select count(*)::int4 from batch) as looked_at,
  (select coalesce(json_agg(r.id::text order by r.id), '[]')::text from batch r where ${condition}) as ids`;
  // A letter that is to be pruned keeps no event.
  const unreferred = `
  not exists (select from ${names.delivery} d where d.event_id = r.id)
  and not exists (select from ${names.deadLetter} l where l.event_id = r.id
    and not (l.died_at <= ${before('$4::float8')} and ($5::int[] is null or l.receiver = any ($5::int[]))))`;
  return {
    letters: statement(
      'prunable_letters',
      batch(
        names.deadLetter,
        `r.died_at <= ${before('$3::float8')} and ($4::int[] is null or r.receiver = any ($4::int[]))`,
      ),
    ),
    events: statement(
      'prunable_events',
      batch(
        names.event,
        `r.created_at <= ${before('$3::float8')} and ($5::int[] is null or (r.receivers <> '{}' and r.receivers <@ $5::int[])) and ${unreferred}`,
      ),
    ),
    lockLetters: lock('lock_letters', names.deadLetter),
    lockEvents: lock('lock_events', names.event),
    removeLetters: statement(
      'prune_letters',
      `delete from ${names.deadLetter} where id = any ($1::bigint[]) returning 1`,
    ),
    // Looked at again under the lock: what refers to it may have come meanwhile.
    removeEvents: statement(
      'prune_events',
      `
delete from ${names.event} e where e.id = any ($1::bigint[])
  and not exists (select from ${names.delivery} d where d.event_id = e.id)
  and not exists (select from ${names.deadLetter} l where l.event_id = e.id) returning 1`,
    ),
  };
}

/** Whoever acts on one at this moment keeps it. */
function lock(purpose: string, table: string): Statement {
  return statement(
    purpose,
    `select id::text from ${table} where id = any ($1::bigint[]) order by id for update skip locked`,
  );
}
