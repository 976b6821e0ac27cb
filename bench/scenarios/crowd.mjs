// Whether what a delivery costs depends on what lies around it: a million others, or receivers that nothing is there for.
import { metered } from '../harness/meter.mjs';
import { payloadOf } from '../harness/payload.mjs';
import { assertCount, onStage, untilValue } from '../harness/stage.mjs';
import { sum } from '../harness/statistics.mjs';
import { ours } from '../systems/index.mjs';

const WORKING = `(select id from jobs_receiver where name = 'bench.receiver-1')`;

/** Rows as the engine writes them, of a receiver that works or of one that no process has. */
const SURROUNDINGS = {
  'an empty table': undefined,
  'a million waiting for another receiver': { receiver: '1000000', ready: 'txid_current()', due: 'null' },
  'a million delayed': { receiver: WORKING, ready: 'null', due: `now() + interval '1 day'` },
  // They come next: those that are drained were there before them, and are not all.
  'a million waiting for the same receiver': { receiver: WORKING, ready: 'txid_current()', due: 'null', behind: true },
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
  await preloader.call('open', url);
  const behind = rows?.behind === true;
  if (rows !== undefined && !behind) await surround(database, rows, million, count);
  await preloader.call('bulk', count);
  if (behind) await surround(database, rows, million, count);
  await preloader.stop();
  await database.settle();
  const before = await database.value(LEFT);
  const consumer = await worker();
  const first = consumer.event('first');
  const handled = consumer.event('handled');
  await consumer.call('open', url, { expected: count, capacity: count + (behind ? million : 0), unused });
  await first;
  const claimsBefore = await claimBuffers(database);
  const run = await metered(server, [consumer], () => handled);
  const claimed = (await claimBuffers(database)) - claimsBefore;
  if (!behind) await untilValue(database, LEFT, before - count);
  await consumer.call('close');
  const counts = await consumer.call('counts');
  if (!behind) assertCount('handled', counts.handled, count);
  assertCount('handled twice', counts.twice, 0);
  assertCount('left', await database.value(LEFT), before - counts.handled);
  return {
    'CPU ms/job': run.cpu / count,
    'of it worker': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    foreign: run.foreign,
    'claim buffers/job': claimed / count,
    ...run.counted(count, 'job'),
  };
}

/** How a claim begins. */
const CLAIM = /txid_current_snapshot\(\)::text as snapshot/;

async function claimBuffers(database) {
  const claims = (await database.statements()).filter(({ query }) => CLAIM.test(query));
  return sum(claims.map(({ shared_blks_hit }) => shared_blks_hit));
}

const LEFT = 'select count(*)::int from jobs_delivery';

/** Numbered on from those that are drained. */
async function surround(database, { receiver, ready, due }, million, count) {
  await database.query(`with event as (
      insert into jobs_event (name, payload, receivers, retain_until)
      select 'payment.completed', ${PAYLOAD}, '{}', now() + interval '7 days'
      from generate_series(${count}, ${count + million - 1}) n returning id)
    insert into jobs_delivery (event_id, receiver, ready_xid, due_at) select id, ${receiver}, ${ready}, ${due} from event`);
}

const PAYLOAD = `jsonb_build_object('n', n) || '${JSON.stringify({ ...payloadOf(0), n: undefined })}'`;
