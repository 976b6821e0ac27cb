// A worker is killed with a million deliveries waiting for its receiver: how long until another has what it held.
import { setTimeout as sleep } from 'node:timers/promises';

import { onStage, preload } from '../harness/stage.mjs';
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
  const at = now();
  await victim.kill();
  for (const end = at + 60_000; ; await sleep(50)) {
    const times = await survivor.call('timesOf', [...held]);
    if (times.length >= held.size) return { [recovery.key]: Math.max(...times) - at, held: held.size };
    if (now() > end)
      throw new Error(`${held.size - times.length} of ${held.size} deliveries did not run elsewhere within a minute.`);
  }
}
