// Jobs that wait, again: handlers that take a millisecond, and two processes instead of one.
import { holdBack } from '../harness/hold.mjs';
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, preload, until } from '../harness/stage.mjs';
import { sum } from '../harness/statistics.mjs';
import { floor, graphileTuned, installed, ours, pgBossTuned } from '../systems/index.mjs';

export const drainWork = variant('drain-work', 'drain, handlers of 1 ms', { work: 1 });
export const drainTwo = variant('drain-two', 'drain by two processes', { processes: 2 }, ({ count }) =>
  [1, 4].map((processes) => ({
    ...row(ours, `ours, ${processes} processes`, { count, processes }),
    name: `${ours.name}, ${processes === 1 ? 'one process' : `${processes} processes`}`,
  })),
);

function variant(name, title, options, more = () => []) {
  return {
    name,
    title,
    key: 'CPU ms/job',
    repeats: 1,
    rows({ others, size }) {
      const plan = { count: size(20_000, 60_000, 500_000), ...options };
      return [
        row(floor, 'floor', plan),
        ...[ours, ...others].map((system) => row(system, 'ours', plan)),
        ...more(plan),
        ...installed([graphileTuned, pgBossTuned]).map((system) => row(system, 'peer', plan)),
      ];
    },
  };
}

function row(system, kind, plan) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, plan.count);
        return drained(server, stage, { system, ...plan });
      }),
  };
}

async function drained(server, stage, { system, count, work = 0, processes = 1 }) {
  const workers = await Promise.all(Array.from({ length: processes }, () => stage.worker()));
  const release = await holdBack(system, stage);
  await Promise.all(workers.map((worker) => worker.call('open', stage.url, { capacity: count, work, times: true })));
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
  return {
    'CPU ms/job': run.cpu / count,
    'of it workers': run.clients / count,
    'jobs/s': (count / run.elapsed) * 1000,
    ...(processes > 1 && { 'least share': Math.min(...counts.map(({ handled }) => handled)) / count }),
    foreign: run.foreign,
    ...run.counted(count, 'job'),
  };
}
