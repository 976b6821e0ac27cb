import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { SessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { Entry } from './entry.js';
import { entriesOf, type History, type PlannedReceiver } from './history.js';
import { JOURNAL_FILE } from './journal.js';

/** Puts together what processes and the database wrote down. */
export async function readHistory(
  folder: string,
  client: Client,
  tables: readonly string[],
  timings: SessionSettings,
): Promise<History> {
  const entries = readJournals(folder);
  const [clock] = entriesOf({ entries }, 'clock');
  if (clock === undefined) throw new Error(`Nobody wrote down the time in ${folder}.`);
  const offset = clock.at - clock.wall;
  const time = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8 + ${offset}`;
  const rows = async <Row>(sql: string): Promise<Row[]> => (await client.query(sql)).rows as Row[];
  const own: Record<string, Record<string, unknown>[]> = {};
  for (const table of tables) own[table] = await rows(`select to_jsonb(t) as row from ${table} t`).then(unwrap);
  const emissions = await rows<{ id: string; workload: string; plan: { receivers?: PlannedReceiver[] } }>(
    'select id, workload, plan from chaos_emission order by at',
  );
  return {
    entries,
    emissions: emissions.map(({ plan, ...emission }) => ({ ...emission, receivers: plan.receivers ?? [] })),
    effects: await rows('select emission, receiver, delivery, process from chaos_effect order by at'),
    steps: await rows(`
      select event_id || '.' || receiver as delivery, what, version, worker, claims, attempts, interruptions,
        ${time('due_at')} as "dueAt", ${time('at')} as at
      from chaos_step order by id`),
    workers: await rows(`select id, pid, state, ${time('started_at')} as "startedAt" from jobs_worker order by id`),
    workerEnds: await rows(`select worker, state, ${time('at')} as at from chaos_end order by at`),
    events: await rows('select id::text, name, payload from jobs_event order by id'),
    deadLetters: await rows(`
      select event_id || '.' || receiver as delivery, event_id::text as event, kind, reason from jobs_dead_letter order by id`),
    left: (await rows<{ id: string }>(`select event_id || '.' || receiver as id from jobs_delivery`)).map(
      ({ id }) => id,
    ),
    tables: own,
    server: await rows<{ server_version: string }>('show server_version').then(([row]) => row?.server_version ?? ''),
    timings,
  };
}

function unwrap(rows: unknown[]): Record<string, unknown>[] {
  return (rows as { row: Record<string, unknown> }[]).map(({ row }) => row);
}

function readJournals(folder: string): Entry[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(JOURNAL_FILE));
  const entries = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').flatMap(parse));
  return entries.sort((one, other) => one.at - other.at);
}

function parse(line: string): Entry[] {
  return line === '' ? [] : [JSON.parse(line) as Entry];
}
