// Half of what a system can do at most, evenly, and how long each job waits from its commit to its handler.
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, until } from '../harness/stage.mjs';
import { quantile } from '../harness/statistics.mjs';
import {
  bullmqPostgres,
  bullmqRedis,
  floorNotified,
  graphileTuned,
  installed,
  ours,
  pgBossNotified,
} from '../systems/index.mjs';

export const steady = {
  name: 'steady',
  title: 'half of capacity, commit to handler, ms',
  key: 'p99',
  repeats: 2,
  counted: false,
  rows({ others, size }) {
    const plan = { probe: size(500, 4_000, 20_000), seconds: size(2, 6, 120) };
    return [
      row(floorNotified, 'floor', plan),
      ...[ours, ...others].map((system) => row(system, 'ours', plan)),
      ...installed([graphileTuned, pgBossNotified, bullmqRedis, bullmqPostgres]).map((system) =>
        row(system, 'peer', { ...plan, probe: Math.ceil(plan.probe / 4) }),
      ),
    ];
  },
};

function row(system, kind, { probe, seconds }) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async ({ url, producer, worker, unfinished }) => {
        const emitter = await producer();
        await emitter.call('prepare', url);
        await emitter.call('open', url);
        const consumer = await worker();
        await consumer.call('open', url, { capacity: 2_000_000, times: true });
        const capacity = await capacityOf(emitter, consumer, probe);
        const count = Math.round((capacity / 2) * seconds);
        await consumer.call('expect', count);
        const handled = consumer.event('handled');
        const meter = await startMeter(server, [emitter, consumer]);
        const { first, committed } = await emitter.call('steady', capacity / 2, seconds);
        await handled;
        const run = await meter.read();
        await until(unfinished, 0);
        assertCount('handled twice', (await consumer.call('counts')).twice, 0);
        const delays = (await consumer.call('times'))
          .filter(([n]) => n >= first)
          .map(([n, at]) => Math.max(0, at - committed[n - first]));
        assertCount('handled', delays.length, count);
        const percentiles = [0.5, 0.95, 0.99, 0.999].map((share) => [`p${share * 100}`, quantile(delays, share)]);
        return {
          ...Object.fromEntries(percentiles),
          'jobs/s': capacity / 2,
          'CPU ms/job': run.cpu / count,
          foreign: run.foreign,
        };
      }),
  };
}

/** Jobs a second when ten transactions at once emit as fast as they can, and all are handled. */
async function capacityOf(emitter, consumer, count) {
  let begun;
  // The first round warms up.
  for (const jobs of [Math.ceil(count / 2), count]) {
    await consumer.call('expect', jobs);
    const handled = consumer.event('handled');
    begun = performance.now();
    await emitter.call('transactions', jobs);
    await handled;
  }
  return (count / (performance.now() - begun)) * 1000;
}
