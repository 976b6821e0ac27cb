// Enqueueing by itself: one job a call, ten callers at once; and a thousand a call, one caller.
import { metered } from '../harness/meter.mjs';
import { assertCount, onStage } from '../harness/stage.mjs';
import { bullmqPostgres, bullmqRedis, engine, floor, graphile, installed, ours, pgBoss } from '../systems/index.mjs';

const PEERS = [pgBoss, graphile, bullmqRedis, bullmqPostgres];

export const enqueue = {
  name: 'enqueue',
  title: 'enqueue, one a call',
  key: 'CPU ms/job',
  repeats: 1,
  rows: ({ others, size }) =>
    rows(others, (system) => ({ method: 'single', count: countOf(system, size(500, 5_000, 50_000)) })),
};

export const enqueueBulk = {
  name: 'enqueue-bulk',
  title: 'enqueue, 1000 a call',
  key: 'CPU ms/job',
  repeats: 1,
  rows: ({ others, size }) => rows(others, () => ({ method: 'bulk', count: size(5_000, 50_000, 500_000) })),
};

function rows(others, planOf) {
  return [
    row(floor, 'floor', planOf(floor)),
    row(engine, 'engine', planOf(engine)),
    ...[ours, ...others].map((system) => row(system, 'ours', planOf(system))),
    ...installed(PEERS).map((system) => row(system, 'peer', planOf(system))),
  ];
}

/** Peers take several times as long for each. */
function countOf(system, count) {
  return installed(PEERS).includes(system) ? Math.ceil(count / 4) : count;
}

function row(system, kind, { method, count }) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async ({ url, producer, unfinished }) => {
        const actor = await producer();
        await actor.call('prepare', url);
        await actor.call('open', url);
        const warm = await actor.call(method, Math.ceil(count / 5));
        const run = await metered(server, [actor], () => actor.call(method, count));
        assertCount('jobs', await unfinished(), count + warm);
        return {
          'CPU ms/job': run.cpu / count,
          'of it client': run.clients / count,
          'jobs/s': (count / run.elapsed) * 1000,
          foreign: run.foreign,
          ...run.counted(count, 'job'),
        };
      }),
  };
}
