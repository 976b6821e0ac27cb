// Whether what a delivery costs depends on what lies around it: a million others, or receivers that nothing is there for.
import { metered } from '../harness/meter.mjs';
import { onStage, untilValue } from '../harness/stage.mjs';
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
  repeats: 1,
  counted: 'throughout',
  rows({ others, size }) {
    const million = size(50_000, 1_000_000);
    const count = size(5_000, 50_000);
    return [ours, ...others].flatMap((system) => [
      ...Object.entries(SURROUNDINGS).map(([name, rows]) => row(system, name, { rows, million, count })),
      // Each has a place of its own in the order for each of eight priorities.
      row(system, '49 receivers without any', { unused: 49, million, count }),
    ]);
  },
};

function row(system, name, plan) {
  return {
    name: `${system.name}, ${name}`,
    kind: 'ours',
    measure: (server) => onStage(server, system, (stage) => drainBeside(server, stage, plan)),
  };
}

async function drainBeside(server, { database, url, producer, worker }, { rows, million, count, unused }) {
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
  await consumer.call('open', url, { expected: count, capacity: count, unused });
  await first;
  const run = await metered(server, [consumer], () => handled);
  await untilValue(database, 'select count(*)::int from jobs_delivery', before - count);
  return {
    'CPU ms/job': run.cpu / count,
    'of it worker': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    foreign: run.foreign,
    ...run.counted(count, 'job'),
  };
}

async function surround(database, { receiver, ready, due }, count) {
  await database.query(`insert into jobs_event (name, payload, receivers, retain_until)
    select 'payment.completed', '{"n":0}', '{}', now() + interval '7 days' from generate_series(1, ${count})`);
  await database.query(`insert into jobs_delivery (event_id, receiver, ready_xid, due_at)
    select id, coalesce(${receiver}, 1000000), ${ready}, ${due} from jobs_event`);
}
