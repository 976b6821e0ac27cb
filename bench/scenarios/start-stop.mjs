// From the start of a process to its first handler, and from the wish to stop to its end.
import { cpuOfProcesses } from '../harness/cpu.mjs';
import { startMeter } from '../harness/meter.mjs';
import { assertCount, onStage, preload } from '../harness/stage.mjs';
import { bullmqPostgres, bullmqRedis, floor, graphile, installed, ours, pgBoss } from '../systems/index.mjs';

const WAITING = 10;

export const startStop = {
  name: 'start-stop',
  title: 'a worker starts and stops',
  key: 'CPU ms to start',
  repeats: 2,
  counted: false,
  rows: ({ others }) => [
    row(floor, 'floor'),
    ...[ours, ...others].map((system) => row(system, 'ours')),
    ...installed([graphile, pgBoss, bullmqRedis, bullmqPostgres]).map((system) => row(system, 'peer')),
  ],
};

function row(system, kind) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, WAITING);
        const begun = performance.now();
        const worker = await stage.worker();
        const handled = worker.event('handled');
        // What the process itself used so far is counted, too: the meter is read from zero.
        const meter = await startMeter(server, []);
        await worker.call('open', stage.url, { expected: WAITING });
        await handled;
        const started = performance.now();
        const run = await meter.read();
        const own = cpuOfProcesses([worker.pid]);
        const counts = await worker.call('counts');
        const asked = performance.now();
        await worker.stop();
        const stopped = performance.now();
        assertCount('handled', counts.handled, WAITING);
        assertCount('handled twice', counts.twice, 0);
        // A worker that was told to stop has acknowledged what it did.
        assertCount('left', await stage.unfinished(), 0);
        return {
          'ms to first handler': started - begun,
          'CPU ms to start': own + run.database,
          'ms to stop': stopped - asked,
        };
      }),
  };
}
