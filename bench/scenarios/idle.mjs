// What workers with nothing to do cost: statements a second in all, CPU, memory, and transactions left open.
import { setTimeout as sleep } from 'node:timers/promises';

import { memoryOf } from '../harness/cpu.mjs';
import { metered } from '../harness/meter.mjs';
import { onStage } from '../harness/stage.mjs';
import { median, sum } from '../harness/statistics.mjs';
import {
  bullmqPostgres,
  bullmqRedis,
  floor,
  graphile,
  installed,
  nestAlone,
  ours,
  oursInLittleMemory,
  pgBossNotified,
} from '../systems/index.mjs';

/** Until a worker does what it does from then on. */
const SETTLED = 4_000;
/** How a worker that lives says so, once a second; the rest is what else it does. */
const BEAT = /pg_locks|seen_at = clock_timestamp/;

export const idle = {
  name: 'idle',
  title: 'idle workers, each',
  key: 'statements/s',
  repeats: 1,
  counted: false,
  rows({ others, size }) {
    const seconds = size(3, 12, 30);
    const many = size(3, 10, 100);
    return [
      row(floor, 'floor', seconds),
      row(nestAlone, 'no queue', seconds),
      row(oursInLittleMemory, 'ours', seconds),
      ...[ours, ...others].flatMap((system) => [
        row(system, 'ours', seconds),
        row(system, `ours, ${many} processes`, seconds, many),
      ]),
      ...installed([graphile, pgBossNotified, bullmqRedis, bullmqPostgres]).map((system) =>
        row(system, 'peer', seconds),
      ),
    ];
  },
};

function row(system, kind, seconds, processes = 1) {
  return {
    name: processes === 1 ? system.name : `${system.name}, several processes`,
    kind,
    measure: (server) =>
      onStage(server, system, async ({ database, redis, url, producer, worker }) => {
        const preparer = await producer();
        await preparer.call('prepare', url);
        await preparer.stop();
        await database.countStatements();
        const workers = [];
        for (let n = 0; n < processes; n += 1) {
          workers.push(await worker());
          await workers[n].call('open', url);
        }
        await sleep(SETTLED);
        const before = await calls(database, redis);
        let open = 0;
        const run = await metered(server, workers, async () => {
          for (let second = 0; second < seconds; second += 1) {
            await sleep(1000);
            open = Math.max(open, await database.value(OPEN));
          }
        });
        const after = await calls(database, redis);
        const each = (count) => ((count / run.elapsed) * 1000) / processes;
        return {
          processes,
          'statements/s': each(after.all - before.all),
          'of it beats': each(after.beats - before.beats),
          'CPU ms/s': each(run.clients),
          'server CPU ms/s': each(run.database),
          'RSS MB': median(workers.map(({ pid }) => memoryOf(pid).now)),
          'transactions left open': open,
        };
      }),
  };
}

const OPEN = `select count(*)::int from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`;

/** Statements, or the commands that a Redis is sent instead. */
async function calls(database, redis) {
  if (redis !== undefined) return { all: await redis.commands(), beats: 0 };
  const statements = await database.statements();
  const beats = statements.filter(({ query }) => BEAT.test(query));
  return { all: sum(statements.map((one) => one.calls)), beats: sum(beats.map((one) => one.calls)) };
}
