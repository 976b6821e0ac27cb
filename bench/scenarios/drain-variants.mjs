// Jobs that wait, again: handlers that take a millisecond, and several processes instead of one.
import { holdBack } from '../harness/hold.mjs';
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, preload, until } from '../harness/stage.mjs';
import { sum } from '../harness/statistics.mjs';
import {
  bullmqPostgresTuned,
  bullmqRedisTuned,
  floor,
  graphileTuned,
  installed,
  ours,
  oursConcurrent,
  pgBossTuned,
} from '../systems/index.mjs';

export const drainWork = {
  name: 'drain-work',
  title: 'drain, handlers of 1 ms',
  key: 'CPU ms/job',
  repeats: 1,
  rows({ others, size }) {
    const { many, some, few } = countsBy(size);
    return [
      row(floor, 'floor', { count: many, work: 1 }),
      ...[ours, oursConcurrent, ...others].map((system) => row(system, 'ours', { count: many, work: 1 })),
      ...peers({ many, few, work: 1 }),
      row(floor, 'floor, transactional', { count: some, work: 1, form: 'transactional' }),
      ...[ours, ...others].flatMap((system) =>
        ['transactional', 'late'].map((form) => row(system, `ours, ${form}`, { count: some, work: 1, form })),
      ),
    ];
  },
};

export const drainTwo = {
  name: 'drain-two',
  title: 'drain by two processes',
  key: 'CPU ms/job',
  repeats: 1,
  rows({ others, size }) {
    const { many, some, few } = countsBy(size);
    const systems = [[floor, 'floor'], ...[ours, ...others].map((system) => [system, 'ours'])];
    return [
      ...systems.map(([system, kind]) => row(system, kind, { count: many, processes: 2 })),
      ...peers({ many, few, processes: 2 }),
      row(ours, 'ours, one process', { count: many }, 'one process'),
      row(ours, 'ours, 4 processes', { count: many, processes: 4 }, '4 processes'),
      ...systems.flatMap(([system, kind]) => [
        row(system, `${kind}, 1 ms`, { count: many, processes: 2, work: 1 }, 'handlers of 1 ms'),
        row(system, `${kind}, transactional`, { count: some, processes: 2, form: 'transactional' }),
      ]),
    ];
  },
};

/** Fewer where each takes long. */
function countsBy(size) {
  return { many: size(20_000, 40_000, 500_000), some: size(2_000, 10_000, 50_000), few: size(2_000, 5_000, 50_000) };
}

function peers({ many, few, ...plan }) {
  return [
    ...installed([graphileTuned, pgBossTuned, bullmqRedisTuned]).map((system) =>
      row(system, 'peer', { count: many, ...plan }),
    ),
    ...installed([bullmqPostgresTuned]).map((system) => row(system, 'peer', { count: few, ...plan })),
  ];
}

/** Ratios are taken of what all systems do; the rest is compared by eye. */
function row(system, kind, plan, what = plan.form) {
  return {
    name: what === undefined ? system.name : `${system.name}, ${what}`,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, plan.count);
        return drained(server, stage, { system, ...plan });
      }),
  };
}

async function drained(server, stage, { system, count, work = 0, processes = 1, form = 'plain' }) {
  const workers = await Promise.all(Array.from({ length: processes }, () => stage.worker()));
  const release = await holdBack(system, stage);
  const options = { capacity: count, work, kind: form, times: true };
  await Promise.all(workers.map((worker) => worker.call('open', stage.url, options)));
  const meter = await startMeter(server, workers);
  await release();
  // Asked of the workers first, since counting what is left of a full table costs the server.
  const countsOf = () => Promise.all(workers.map((worker) => worker.call('counts')));
  await until(async () => sum((await countsOf()).map(({ handled }) => handled)) >= count, true, 120_000);
  await until(stage.unfinished, 0);
  const run = await meter.read();
  const counts = await countsOf();
  const jobs = (await Promise.all(workers.map((worker) => worker.call('handledJobs')))).flat();
  assertCount('handled', new Set(jobs).size, count);
  assertCount('handled twice', jobs.length - count, 0);
  if (form !== 'plain')
    assertCount('effects', await stage.database.value('select count(distinct n)::int from effect'), count);
  return {
    'CPU ms/job': run.cpu / count,
    'of it workers': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    ...(processes > 1 && { 'least share': Math.min(...counts.map(({ handled }) => handled)) / count }),
    foreign: run.foreign,
    // What a Redis does is not counted, which is not nothing.
    ...(stage.redis === undefined && run.counted(count, 'job')),
  };
}
