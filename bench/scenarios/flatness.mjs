// Whether what a delivery costs depends on what lies around it: a million others, or old row versions that a reader or an idle writer
// keeps from being cleaned away.
import pg from 'pg';

import { metered } from '../harness/meter.mjs';
import { assertCount, onStage, untilValue } from '../harness/stage.mjs';
import { ours } from '../systems/index.mjs';

/** Rows as the engine writes them, of a receiver that no process has. */
const SURROUNDINGS = {
  'an empty table': undefined,
  'a million waiting for another receiver': { receiver: 'null', ready: 'txid_current()', due: 'null' },
  'a million delayed': {
    receiver: `(select id from jobs_receiver where name = 'bench.receiver-1')`,
    ready: 'null',
    due: `now() + interval '1 day'`,
  },
};

export const crowd = {
  name: 'crowd',
  title: 'drain beside',
  key: 'CPU ms/job',
  repeats: 3,
  rows({ others, quick }) {
    const [million, count] = quick ? [50_000, 5_000] : [1_000_000, 50_000];
    return [ours, ...others].flatMap((system) =>
      Object.entries(SURROUNDINGS).map(([name, rows]) => ({
        name: `${system.name}, ${name}`,
        kind: 'ours',
        measure: (server) => onStage(server, system, (stage) => drainBeside(server, stage, { rows, million, count })),
      })),
    );
  },
};

async function drainBeside(server, { database, url, producer, worker }, { rows, million, count }) {
  const preloader = await producer();
  await preloader.call('prepare', url);
  if (rows !== undefined) await surround(database, rows, million);
  await preloader.call('open', url);
  await preloader.call('bulk', count);
  await preloader.stop();
  await database.settle();
  const before = await database.value('select count(*)::int from jobs_delivery');
  const consumer = await worker();
  const first = consumer.event('first');
  const handled = consumer.event('handled');
  await consumer.call('open', url, { expected: count, capacity: count });
  await first;
  const run = await metered(server, [consumer], () => handled);
  await untilValue(database, 'select count(*)::int from jobs_delivery', before - count);
  return {
    'CPU ms/job': run.cpu / count,
    'of it worker': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    foreign: run.foreign,
  };
}

async function surround(database, { receiver, ready, due }, count) {
  await database.query(`insert into jobs_event (name, payload, receivers, retain_until)
    select 'payment.completed', '{"n":0}', '{}', now() + interval '7 days' from generate_series(1, ${count})`);
  await database.query(`insert into jobs_delivery (event_id, receiver, ready_xid, due_at)
    select id, coalesce(${receiver}, 1000000), ${ready}, ${due} from jobs_event`);
}

/** Chunks that are enqueued and drained one after the other while the horizon is held. */
export const horizon = {
  name: 'horizon',
  title: 'drain with the horizon held by',
  key: 'last/first',
  repeats: 3,
  rows({ others, quick }) {
    const plan = quick ? { chunks: 4, size: 2_000 } : { chunks: 24, size: 10_000 };
    return [ours, ...others].flatMap((system) =>
      Object.entries(HOLDERS).map(([name, hold]) => ({
        name: `${system.name}, ${name}`,
        kind: 'ours',
        measure: (server) => onStage(server, system, (stage) => drainHeld(server, stage, { hold, ...plan })),
      })),
    );
  },
};

const HOLDERS = {
  nobody: undefined,
  'a reader': ['begin isolation level repeatable read', 'select count(*) from payment'],
  'an idle writer': ['begin', 'update payment set changes = changes where id = 999', 'select txid_current()'],
};

async function drainHeld(server, { database, url, producer, worker }, { hold, chunks, size }) {
  const emitter = await producer();
  await emitter.call('prepare', url);
  await emitter.call('open', url);
  const consumer = await worker();
  await consumer.call('open', url, { capacity: chunks * size });
  const holder = new pg.Client(url);
  await holder.connect();
  for (const statement of hold ?? []) await holder.query(statement);
  const costs = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    await consumer.call('expect', size);
    const handled = consumer.event('handled');
    const run = await metered(server, [consumer], async () => {
      await emitter.call('bulk', size);
      await handled;
    });
    costs.push(run.cpu / size);
  }
  // Not between the chunks: counting reads every row version that is held, and would be what grows.
  await untilValue(database, 'select count(*)::int from jobs_delivery', 0);
  await holder.end();
  const counts = await consumer.call('counts');
  assertCount('handled', counts.handled, chunks * size);
  assertCount('handled twice', counts.twice, 0);
  const quarter = Math.max(1, Math.floor(chunks / 4));
  const mean = (list) => list.reduce((total, cost) => total + cost, 0) / list.length;
  // The first chunk carries what is done once.
  const [first, last] = [mean(costs.slice(1, 1 + quarter)), mean(costs.slice(-quarter))];
  return { 'last/first': last / first, 'CPU ms/job first': first, 'CPU ms/job last': last };
}
