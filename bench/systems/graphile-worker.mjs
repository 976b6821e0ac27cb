// graphile-worker: at its usual settings with ten jobs at once, and tuned by the preset of its performance page.
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import pg from 'pg';

import { inTransaction } from './no-queue.mjs';

const USUAL = { concurrentJobs: 10, maxPoolSize: 12 };
const TUNED = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const logger = new Logger(() => (level, message) => level === 'error' && console.error(message));

export async function prepare(url) {
  await runMigrations({ connectionString: url, logger });
}

export async function openProducer(url, { connections, receivers }) {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const tools = await makeWorkerUtils({ pgPool: pool, logger });
  const add = async (connection, payload) => {
    for (const task of tasks(receivers)) {
      await connection.query({
        name: 'add',
        text: 'select graphile_worker.add_job($1, $2::json)',
        values: [task, JSON.stringify(payload)],
      });
    }
  };
  return {
    transaction: (payment, payload) => inTransaction(pool, payment, payload && ((client) => add(client, payload))),
    enqueue: (payload) => add(pool, payload),
    enqueueMany: (payloads) =>
      tools.addJobs(payloads.flatMap((payload) => tasks(receivers).map((identifier) => ({ identifier, payload })))),
    async close() {
      await tools.release();
      await pool.end();
    },
  };
}

export async function openWorker(url, { handle, tuned, receivers }) {
  const taskList = tasks(receivers).map((task, index) => [task, ({ n }) => handle(n, index + 1)]);
  const runner = await run({
    preset: { worker: { connectionString: url, ...(tuned ? TUNED : USUAL) } },
    noHandleSignals: true,
    logger,
    taskList: Object.fromEntries(taskList),
  });
  return { close: () => runner.stop() };
}

function tasks(receivers) {
  return Array.from({ length: receivers }, (_, index) => `receiver-${index + 1}`);
}
