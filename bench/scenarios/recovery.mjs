// A worker is killed with a million deliveries waiting for its receiver: how long until another has what it held.
import { setTimeout as sleep } from 'node:timers/promises';

import { assertCount, onStage, preload, until } from '../harness/stage.mjs';
import { ours } from '../systems/index.mjs';
import { now } from '../harness/producer.mjs';

/** Milliseconds after which a worker has been there for long. */
const SETTLED = 12_000;

export const recovery = {
  name: 'recovery',
  title: 'a worker killed, others waiting',
  key: 'ms until all it held ran elsewhere',
  repeats: 1,
  counted: false,
  rows({ others, size }) {
    return [ours, ...others].flatMap((system) =>
      size([1_000], [1_000, 1_000_000]).map((waiting) => ({
        name: `${system.name}, ${waiting} waiting`,
        kind: 'ours',
        measure: (server) => onStage(server, system, (stage) => killed(stage, waiting)),
      })),
    );
  },
};

async function killed(stage, waiting) {
  await preload(stage, waiting);
  const survivor = await stage.worker();
  const victim = await stage.worker();
  const begun = victim.event('first');
  await victim.call('open', stage.url, { capacity: waiting, times: true, hang: true });
  await begun;
  await survivor.call('open', stage.url, { capacity: waiting, times: true });
  // After a restart of the server every worker looks dead at first, so one whose connection is new declares nobody dead for a while.
  await sleep(SETTLED);
  const held = new Set(await victim.call('handledJobs'));
  assertCount('begun twice', (await victim.call('counts')).twice, 0);
  const at = now();
  await victim.kill();
  const last = await lastBegun(survivor, held, at + 60_000);
  // None of them was ended by the one that was killed, so the other has all, and each once.
  await until(async () => (await survivor.call('counts')).handled, waiting, 120_000);
  await until(stage.unfinished, 0);
  const counts = await survivor.call('counts');
  assertCount('handled', counts.handled, waiting);
  assertCount('handled twice', counts.twice, 0);
  return { [recovery.key]: last - at, held: held.size };
}

/** When the last of the given jobs began. */
async function lastBegun(worker, jobs, end) {
  for (; ; await sleep(50)) {
    const times = await worker.call('timesOf', [...jobs]);
    if (times.length >= jobs.size) return Math.max(...times);
    if (now() > end)
      throw new Error(`${jobs.size - times.length} of ${jobs.size} deliveries did not run elsewhere within a minute.`);
  }
}
