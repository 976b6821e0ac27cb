// From commit to the start of the handler, with a worker that has nothing else to do: one job each 20 ms.
import { onStage, assertCount } from '../harness/stage.mjs';
import { quantile } from '../harness/statistics.mjs';
import {
  bullmqPostgres,
  bullmqRedis,
  floorNotified,
  graphile,
  installed,
  ours,
  pgBossNotified,
} from '../systems/index.mjs';

const INTERVAL = 20;

export const latency = {
  name: 'latency',
  title: 'commit to handler, ms',
  key: 'p50',
  repeats: 2,
  counted: false,
  rows({ others, size }) {
    const count = size(50, 250, 4_000);
    return [
      row(floorNotified, { kind: 'floor', count }),
      ...[ours, ...others].flatMap((system) => [
        row(system, { kind: 'ours', count }),
        row(system, { kind: 'ours, in process', count, inProcess: true }),
      ]),
      ...installed([graphile, pgBossNotified, bullmqRedis, bullmqPostgres]).map((system) =>
        row(system, { kind: 'peer', count }),
      ),
    ];
  },
};

function row(system, { kind, count, inProcess = false }) {
  return {
    name: `${system.name}, ${inProcess ? 'one process' : 'two processes'}`,
    kind,
    measure: (server) =>
      onStage(server, system, async ({ url, producer, worker }) => {
        const preparer = await producer();
        await preparer.call('prepare', url);
        const consumer = await worker();
        const handled = consumer.event('handled');
        await consumer.call('open', url, { expected: count, times: true });
        if (!inProcess) await preparer.call('open', url);
        const committed = inProcess
          ? await consumer.call('produce', url, count, INTERVAL)
          : await preparer.call('paced', count, INTERVAL);
        await handled;
        const { handled: total, twice } = await consumer.call('counts');
        assertCount('handled', total, count);
        assertCount('handled twice', twice, 0);
        const delays = (await consumer.call('times')).map(([n, at]) => Math.max(0, at - committed[n]));
        return { p50: quantile(delays, 0.5), p95: quantile(delays, 0.95), p99: quantile(delays, 0.99) };
      }),
  };
}
