// A receiver that takes its time beside one that does not: what the fast one waits from commit to handler, with and without.
import { assertCount, onStage } from '../harness/stage.mjs';
import { quantile } from '../harness/statistics.mjs';
import {
  bullmqPostgres,
  bullmqRedis,
  graphile,
  graphileTuned,
  installed,
  ours,
  pgBossNotified,
} from '../systems/index.mjs';

const INTERVAL = 20;
const SLOW = 5_000;

export const neighbour = {
  name: 'neighbour',
  title: 'a fast receiver beside one of 5 s, commit to handler, ms',
  key: 'p99',
  repeats: 1,
  counted: false,
  rows({ others, size }) {
    const count = size(50, 100, 1_000);
    return [
      ...[ours, ...others].flatMap((system) => [row(system, 'ours', count, 1), row(system, 'ours', count, 2)]),
      ...installed([graphile, graphileTuned, pgBossNotified, bullmqRedis, bullmqPostgres]).flatMap((system) => [
        row(system, 'peer', count, 1),
        row(system, 'peer', count, 2),
      ]),
    ];
  },
};

function row(system, kind, count, receivers) {
  return {
    name: `${system.name}, ${receivers === 1 ? 'alone' : 'beside a slow one'}`,
    // Ratios are taken of what has a slow neighbour.
    kind: receivers === 1 ? 'base' : kind,
    measure: (server) =>
      onStage(server, system, async ({ url, producer, worker }) => {
        const emitter = await producer();
        await emitter.call('prepare', url, receivers);
        const consumer = await worker();
        const handled = consumer.event('handled');
        await consumer.call('open', url, { expected: count, times: true, receivers, slow: SLOW });
        await emitter.call('open', url, { receivers });
        const committed = await emitter.call('paced', count, INTERVAL);
        await handled;
        assertCount('handled twice', (await consumer.call('counts')).twice, 0);
        const delays = (await consumer.call('times')).map(([n, at]) => Math.max(0, at - committed[n]));
        assertCount('handled', delays.length, count);
        // What is slow is not waited for.
        await consumer.kill();
        return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
      }),
  };
}
