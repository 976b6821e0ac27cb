// Commits that take long, and a server that is far away: what can be done a second then. The clock counts here, and CPU hardly does.
import { atDistance } from '../harness/proxy.mjs';
import { assertCount, onStage, until } from '../harness/stage.mjs';
import { floor, graphileTuned, installed, ours, pgBossTuned } from '../systems/index.mjs';

/** Every flush of the WAL waits so long first, as on a slower disk; those who commit meanwhile are flushed together, as there. */
export const slowCommits = scenario('slow-commits', 'commits that take', [0, 1, 5], (delay) => ({
  name: `${delay} ms more`,
  run: async (server, url, play) => {
    await server.delayCommits(delay);
    try {
      return await play(url);
    } finally {
      await server.delayCommits(0);
    }
  },
}));

/** A process between clients and server holds back what passes. */
export const distance = scenario('distance', 'a server away by, each way', [0, 1], (delay) => ({
  name: `${delay} ms`,
  run: (server, url, play) => (delay === 0 ? play(url) : atDistance(url, delay, play)),
}));

function scenario(name, title, delays, conditionOf) {
  return {
    name,
    title,
    key: 'drained/s',
    higher: true,
    repeats: 1,
    counted: false,
    rows: ({ others, size }) =>
      delays.map(conditionOf).flatMap((condition) => {
        const plan = { condition, transactions: size(100, 1_000, 10_000), deliveries: size(1_000, 10_000, 200_000) };
        return [
          row(floor, 'floor', plan),
          ...[ours, ...others].map((system) => row(system, 'ours', plan)),
          ...installed([graphileTuned, pgBossTuned]).map((system) => row(system, 'peer', plan)),
        ];
      }),
  };
}

function row(system, kind, { condition, transactions, deliveries }) {
  return {
    name: `${system.name}, ${condition.name}`,
    // Each condition is compared within itself, by eye.
    kind: `${kind}, ${condition.name}`,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        const emitter = await stage.producer();
        await emitter.call('prepare', stage.url);
        return condition.run(server, stage.url, (url) => measured(stage, url, { emitter, transactions, deliveries }));
      }),
  };
}

async function measured({ worker, unfinished }, url, { emitter, transactions, deliveries }) {
  await emitter.call('open', url);
  await emitter.call('transactions', Math.ceil(transactions / 5));
  const emitted = await timed(() => emitter.call('transactions', transactions));
  await emitter.call('bulk', deliveries);
  const count = await unfinished();
  assertCount('jobs', count, deliveries + transactions + Math.ceil(transactions / 5));
  const consumer = await worker();
  const first = consumer.event('first');
  const handled = consumer.event('handled');
  await consumer.call('open', url, { expected: count });
  await first;
  const drained = await timed(async () => {
    await handled;
    await until(unfinished, 0);
  });
  assertCount('handled twice', (await consumer.call('counts')).twice, 0);
  return { 'tx/s': (transactions / emitted) * 1000, 'drained/s': (count / drained) * 1000 };
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
