// Work that goes on and on: whether the memory of a worker, and what a delivery costs, stay as they were.
import { setTimeout as sleep } from 'node:timers/promises';

import { memoryOf } from '../harness/cpu.mjs';
import { metered } from '../harness/meter.mjs';
import { assertCount, onStage, until } from '../harness/stage.mjs';
import { median } from '../harness/statistics.mjs';
import { ours, oursInLittleMemory } from '../systems/index.mjs';

const CHUNK = 5_000;
/** Milliseconds from the beginning of one chunk to that of the next; in what is left of it the worker rests. */
const EVERY = 2_500;

export const endurance = {
  name: 'endurance',
  title: 'a worker that goes on',
  key: 'RSS MB, last quarter',
  repeats: 1,
  counted: false,
  rows({ others, size }) {
    return [
      ...[ours, ...others].map((system) => row(system, size(0.1, 4, 60))),
      row(oursInLittleMemory, size(0.1, 4, 20)),
    ];
  },
};

function row(system, minutes) {
  return {
    name: system.name,
    kind: 'ours',
    measure: (server) => onStage(server, system, (stage) => work(server, stage, minutes)),
  };
}

async function work(server, { url, producer, worker, unfinished }, minutes) {
  const chunks = Math.ceil((minutes * 60_000) / EVERY);
  const emitter = await producer();
  await emitter.call('prepare', url);
  await emitter.call('open', url);
  const consumer = await worker();
  await consumer.call('open', url, { capacity: chunks * CHUNK });
  const sizes = [];
  const costs = [];
  const begun = performance.now();
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    await passed(begun + chunk * EVERY);
    await consumer.call('expect', CHUNK);
    const handled = consumer.event('handled');
    const run = await metered(server, [consumer], async () => {
      await emitter.call('bulk', CHUNK);
      await handled;
    });
    costs.push(run.cpu / CHUNK);
    sizes.push(memoryOf(consumer.pid).now);
  }
  await until(unfinished, 0);
  const counts = await consumer.call('counts');
  assertCount('handled', counts.handled, chunks * CHUNK);
  assertCount('handled twice', counts.twice, 0);
  const quarter = Math.ceil(chunks / 4);
  return {
    minutes: (performance.now() - begun) / 60_000,
    deliveries: chunks * CHUNK,
    // In the first quarter the heap grows to what V8 lets it have.
    'RSS MB, second quarter': median(sizes.slice(quarter, 2 * quarter)),
    [endurance.key]: median(sizes.slice(-quarter)),
    'CPU ms/job, second quarter': median(costs.slice(quarter, 2 * quarter)),
    'CPU ms/job, last quarter': median(costs.slice(-quarter)),
  };
}

async function passed(time) {
  const left = time - performance.now();
  if (left > 0) await sleep(left);
}
