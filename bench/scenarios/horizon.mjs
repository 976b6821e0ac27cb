// Old row versions that somebody keeps from being cleaned away: a reader with a snapshot, or a writer that has gone quiet in its
// transaction. Chunks are enqueued and drained one after the other meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { metered } from '../harness/meter.mjs';
import { assertCount, onStage, until } from '../harness/stage.mjs';
import { floor, graphileTuned, installed, ours, pgBossTuned } from '../systems/index.mjs';

const HOLDERS = {
  nobody: [],
  'a reader': ['begin isolation level repeatable read', 'select count(*) from payment'],
  'an idle writer': ['begin', 'update payment set changes = changes where id = 999', 'select txid_current()'],
};

const held = Object.keys(HOLDERS).filter((name) => name !== 'nobody');

/** A given number passes, however long that takes. */
export const horizon = {
  name: 'horizon',
  title: 'drain with the horizon held by',
  key: 'CPU ms/job, last quarter',
  repeats: 1,
  counted: false,
  rows({ others, size }) {
    const plan = { chunks: size(4, 24), size: size(2_000, 10_000) };
    return [
      ...held.map((holder) => row(floor, 'floor', holder, plan)),
      ...[ours, ...others].flatMap((system) => Object.keys(HOLDERS).map((holder) => row(system, 'ours', holder, plan))),
      ...installed([graphileTuned, pgBossTuned]).flatMap((system) =>
        held.map((holder) => row(system, 'peer', holder, plan)),
      ),
    ];
  },
};

/** As many pass as come in ten minutes; a system that cannot keep up passes fewer. */
export const horizonHeldLong = {
  name: 'horizon-held-long',
  title: 'drain with the horizon held long by',
  key: 'CPU ms/job, last quarter',
  repeats: 1,
  counted: false,
  long: true,
  rows({ others, size }) {
    const plan = { minutes: size(0.1, 10), chunks: size(12, 240), size: size(2_000, 10_000) };
    const systems = [
      [floor, 'floor'],
      ...[ours, ...others].map((system) => [system, 'ours']),
      ...installed([graphileTuned, pgBossTuned]).map((system) => [system, 'peer']),
    ];
    return systems.flatMap(([system, kind]) => held.map((holder) => row(system, kind, holder, plan)));
  },
};

function row(system, kind, holder, plan) {
  return {
    name: `${system.name}, ${holder}`,
    kind,
    measure: (server) =>
      onStage(server, system, (stage) => drainHeld(server, stage, { hold: HOLDERS[holder], ...plan })),
  };
}

/** @param minutes in which the chunks come, evenly; without it one comes when the last is done. */
async function drainHeld(server, stage, { hold, chunks, size, minutes = Infinity }) {
  const { database, url, producer, worker, unfinished } = stage;
  const emitter = await producer();
  await emitter.call('prepare', url);
  await emitter.call('open', url);
  const consumer = await worker();
  await consumer.call('open', url, { capacity: chunks * size });
  const holder = new pg.Client(url);
  await holder.connect();
  for (const statement of hold) await holder.query(statement);
  const costs = [];
  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 60_000;
  while (costs.length < chunks && passed() < minutes) {
    await consumer.call('expect', size);
    const handled = consumer.event('handled');
    const run = await metered(server, [consumer], async () => {
      await emitter.call('bulk', size);
      await handled;
    });
    costs.push(run.cpu / size);
    const due = (costs.length / chunks) * minutes - passed();
    if (minutes !== Infinity && due > 0) await sleep(due * 60_000);
  }
  // Not between the chunks: counting reads every row version that is held, and would be what grows.
  await until(unfinished, 0);
  const held = passed();
  // With all that could not be cleaned away.
  const bytes = await database.size();
  await holder.end();
  const counts = await consumer.call('counts');
  assertCount('handled', counts.handled, costs.length * size);
  assertCount('handled twice', counts.twice, 0);
  const quarter = Math.max(1, Math.floor(costs.length / 4));
  const mean = (list) => list.reduce((total, cost) => total + cost, 0) / list.length;
  // The first chunk carries what is done once.
  const [first, last] = [mean(costs.slice(1, 1 + quarter)), mean(costs.slice(-quarter))];
  return {
    'CPU ms/job, first quarter': first,
    [horizon.key]: last,
    // What a millisecond of CPU gets done at the end, as a share of what it got done at the beginning.
    'last/first': first / last,
    passed: costs.length * size,
    'disk MB': bytes / 1024 ** 2,
    minutes: held,
  };
}
