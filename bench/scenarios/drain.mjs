// Jobs that wait are handled by one worker process: what handlers do nothing cost, and what the worker's memory grows to.
import { memoryOf } from '../harness/cpu.mjs';
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, preload, until } from '../harness/stage.mjs';
import {
  bullmqPostgresTuned,
  bullmqRedisTuned,
  engine,
  floor,
  graphile,
  graphileTuned,
  installed,
  ours,
  oursInLittleMemory,
  pgBoss,
  pgBossTuned,
} from '../systems/index.mjs';

export const drain = {
  name: 'drain',
  title: 'drain of no-op deliveries',
  key: 'CPU ms/job',
  repeats: 3,
  rows({ others, size }) {
    // So many that code is warm for most of them, and what is claimed before the first is handled does not count.
    const many = size(50_000, 200_000, 1_000_000);
    const few = size(2_000, 5_000, 50_000);
    return [
      row(floor, { kind: 'floor', count: many }),
      row(engine, { kind: 'engine', count: many }),
      ...[ours, oursInLittleMemory, ...others].map((system) => row(system, { kind: 'ours', count: many })),
      ...installed([graphileTuned, pgBossTuned]).map((system) => row(system, { kind: 'peer', count: many })),
      ...installed([bullmqRedisTuned, bullmqPostgresTuned]).map((system) => row(system, { kind: 'peer', count: few })),
      ...installed([graphile, pgBoss]).map((system) => row(system, { kind: 'peer, usual settings', count: few })),
    ];
  },
};

export const drainTransactional = {
  name: 'drain-transactional',
  title: 'drain, an insert each, effect exactly once',
  key: 'CPU ms/job',
  repeats: 3,
  rows({ others }) {
    const count = 20_000;
    return [
      row(floor, { kind: 'floor', count, drained: 'transactional' }),
      ...[ours, ...others].flatMap((system) => [
        row(system, { kind: 'ours', count, drained: 'transactional' }),
        row(system, { kind: 'ours', count, drained: 'late' }),
        row(system, { kind: 'ours', count, drained: 'group commit' }),
      ]),
    ];
  },
};

function row(system, { kind, count, drained = 'plain' }) {
  return {
    name: drained === 'plain' ? system.name : `${system.name}, ${drained}`,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, count);
        const { database, url } = stage;
        const worker = await stage.worker();
        const first = worker.event('first');
        const handled = worker.event('handled');
        await worker.call('open', url, { expected: count, kind: drained });
        // Boot is not counted; a worker may have begun before `open` answered.
        return await counted(server, {
          worker,
          database,
          first,
          handled,
          count,
          drained,
          unfinished: stage.unfinished,
        });
      }),
  };
}

async function counted(server, { worker, database, first, handled, count, drained, unfinished }) {
  await first;
  const meter = await startMeter(server, [worker]);
  await handled;
  await until(unfinished, 0);
  const run = await meter.read();
  const counts = await worker.call('counts');
  assertCount('handled', counts.handled, count);
  assertCount('handled twice', counts.twice, 0);
  if (drained !== 'plain')
    assertCount('effects', await database.value('select count(distinct n)::int from effect'), count);
  return {
    'CPU ms/job': run.cpu / count,
    'of it worker': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    'RSS MB': memoryOf(worker.pid).peak,
    'disk MB': (await database.size()) / 1024 ** 2,
    foreign: run.foreign,
    ...run.counted(count, 'job'),
  };
}
