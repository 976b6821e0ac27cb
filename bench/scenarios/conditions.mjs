// Commits that take long, and a server that is far away: what can be done a second then. The clock counts here, and CPU hardly does.
import { atDistance } from '../harness/proxy.mjs';
import { assertCount, onStage, until } from '../harness/stage.mjs';
import { floor, graphileTuned, installed, ours, pgBossTuned } from '../systems/index.mjs';

/** Every flush of the WAL waits so long first, as on a slower disk; those who commit meanwhile are flushed together, as there. */
export const slowCommits = scenario('slow-commits', 'commits that take', [0, 1, 5], receiversThatCommit, (delay) => ({
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
export const distance = scenario(
  'distance',
  'a server away by, each way',
  [0, 1],
  () => [],
  (delay) => ({
    name: `${delay} ms`,
    run: (server, url, play) => (delay === 0 ? play(url) : atDistance(url, delay, play)),
  }),
);

/** Receivers that commit what they write: one by one, or several together. So many that each loop of the floor has a batch. */
function receiversThatCommit({ others, size }, condition) {
  const plan = { condition, deliveries: size(300, 3_000, 30_000) };
  return [
    row(floor, 'floor', { ...plan, form: 'transactional' }),
    ...[ours, ...others].flatMap((system) =>
      ['transactional', 'group commit'].map((form) => row(system, 'ours', { ...plan, form })),
    ),
  ];
}

function scenario(name, title, delays, more, conditionOf) {
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
          ...more({ others, size }, condition),
        ];
      }),
  };
}

function row(system, kind, { condition, ...plan }) {
  return {
    name: [system.name, plan.form, condition.name].filter(Boolean).join(', '),
    // Each condition is compared within itself, by eye.
    kind: `${kind}, ${condition.name}`,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        const emitter = await stage.producer();
        await emitter.call('prepare', stage.url);
        return condition.run(server, stage.url, (url) => measured(stage, url, { emitter, ...plan }));
      }),
  };
}

/** How fast is emitted is not measured again where it is the receivers that differ. */
async function measured(stage, url, { emitter, transactions, deliveries, form }) {
  await emitter.call('open', url);
  if (transactions === undefined) {
    await emitter.call('bulk', deliveries);
    return drained(stage, url, deliveries, form);
  }
  const warm = await emitter.call('transactions', Math.ceil(transactions / 5));
  const emitted = await timed(() => emitter.call('transactions', transactions));
  await emitter.call('bulk', deliveries);
  return {
    'tx/s': (transactions / emitted) * 1000,
    ...(await drained(stage, url, warm + transactions + deliveries)),
  };
}

async function drained({ database, worker, unfinished }, url, count, form = 'plain') {
  assertCount('jobs', await unfinished(), count);
  const consumer = await worker();
  const first = consumer.event('first');
  const handled = consumer.event('handled');
  await consumer.call('open', url, { expected: count, kind: form });
  await first;
  const elapsed = await timed(async () => {
    await handled;
    await until(unfinished, 0);
  });
  const counts = await consumer.call('counts');
  assertCount('handled', counts.handled, count);
  assertCount('handled twice', counts.twice, 0);
  if (form !== 'plain')
    assertCount('effects', await database.value('select count(distinct n)::int from effect'), count);
  return { 'drained/s': (count / elapsed) * 1000 };
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
