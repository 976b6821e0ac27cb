// What a worker with nothing to do costs: statements a second in all, CPU, and memory.
import { setTimeout as sleep } from 'node:timers/promises';

import { memoryOf } from '../harness/cpu.mjs';
import { metered } from '../harness/meter.mjs';
import { onStage } from '../harness/stage.mjs';
import { sum } from '../harness/statistics.mjs';
import { floor, graphile, installed, ours, pgBossNotified } from '../systems/index.mjs';

export const idle = {
  name: 'idle',
  title: 'an idle worker',
  key: 'statements/s',
  repeats: 1,
  rows({ others, quick }) {
    const seconds = quick ? 3 : 20;
    return [
      row(floor, 'floor', seconds),
      ...[ours, ...others].map((system) => row(system, 'ours', seconds)),
      ...installed([graphile, pgBossNotified]).map((system) => row(system, 'peer', seconds)),
    ];
  },
};

function row(system, kind, seconds) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async ({ database, url, producer, worker }) => {
        const preparer = await producer();
        await preparer.call('prepare', url);
        await preparer.stop();
        await database.countStatements();
        const consumer = await worker();
        await consumer.call('open', url);
        await sleep(2000);
        const before = await calls(database);
        const run = await metered(server, [consumer], () => sleep(seconds * 1000));
        const after = await calls(database);
        return {
          'statements/s': ((after - before) / run.elapsed) * 1000,
          'worker CPU ms/s': (run.clients / run.elapsed) * 1000,
          'RSS MB': memoryOf(consumer.pid).now,
        };
      }),
  };
}

async function calls(database) {
  return sum((await database.statements()).map((statement) => statement.calls));
}
