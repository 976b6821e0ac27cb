// Jobs that wait, again: handlers that take a millisecond, and two processes instead of one.
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, preload, until } from '../harness/stage.mjs';
import { sum } from '../harness/statistics.mjs';
import { floor, graphileTuned, installed, ours, pgBossTuned } from '../systems/index.mjs';

export const drainWork = variant('drain-work', 'drain, handlers of 1 ms', { work: 1 });
export const drainTwo = variant('drain-two', 'drain by two processes', { processes: 2 });

function variant(name, title, options) {
  return {
    name,
    title,
    key: 'CPU ms/job',
    repeats: 1,
    rows({ others, size }) {
      const plan = { count: size(10_000, 30_000, 500_000), ...options };
      return [
        row(floor, 'floor', plan),
        ...[ours, ...others].map((system) => row(system, 'ours', plan)),
        ...installed([graphileTuned, pgBossTuned]).map((system) => row(system, 'peer', plan)),
      ];
    },
  };
}

function row(system, kind, { count, work = 0, processes = 1 }) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, count);
        const workers = await Promise.all(Array.from({ length: processes }, () => stage.worker()));
        const first = Promise.race(workers.map((worker) => worker.event('first')));
        await Promise.all(
          workers.map((worker) => worker.call('open', stage.url, { capacity: count, work, times: true })),
        );
        await first;
        const meter = await startMeter(server, workers);
        const begun = performance.now();
        // Asked of the workers first, since counting what is left of a full table costs the server.
        const countsOf = () => Promise.all(workers.map((worker) => worker.call('counts')));
        await until(async () => sum((await countsOf()).map(({ handled }) => handled)) >= count, true, 120_000);
        await until(stage.unfinished, 0);
        const run = await meter.read();
        const counts = await countsOf();
        const jobs = (await Promise.all(workers.map((worker) => worker.call('handledJobs')))).flat();
        assertCount('handled', new Set(jobs).size, count);
        assertCount('handled twice', jobs.length - count, 0);
        const rate = (count / (performance.now() - begun)) * 1000;
        return {
          'CPU ms/job': run.cpu / count,
          'of it workers': run.clients / count,
          'jobs/s': rate,
          ...(processes > 1 && { 'least share': Math.min(...counts.map(({ handled }) => handled)) / count }),
          foreign: run.foreign,
          ...run.counted(count, 'job'),
        };
      }),
  };
}
