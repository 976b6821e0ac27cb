// pg-boss: at the settings a user finds first, tuned (best of a probe of batches and concurrencies), and with its wake-up by NOTIFY.
import pg from 'pg';
import { PgBoss } from 'pg-boss';

import { inTransaction } from './no-queue.mjs';

const PRODUCER = { max: 10, supervise: false, schedule: false };
const WORKER = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, queueCacheIntervalSeconds: 1 };
const USUAL = { localConcurrency: 10, batchSize: 1, pollingIntervalSeconds: 0.5, burstWhenReadyExceeds: 1 };
const TUNED = { localConcurrency: 2, batchSize: 500, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };

export async function prepare(url, { receivers, notify }) {
  const boss = await started(url, PRODUCER);
  for (const queue of queues(receivers)) await boss.createQueue(queue, notify ? { notify: true } : {});
  await boss.stop({ graceful: false });
}

export async function openProducer(url, { connections, receivers }) {
  const boss = await started(url, PRODUCER);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const send = async (payload, options) => {
    for (const queue of queues(receivers)) await boss.send(queue, payload, options);
  };
  return {
    transaction: (payment, payload) =>
      inTransaction(
        pool,
        payment,
        payload && ((client) => send(payload, { db: { executeSql: (text, values) => client.query(text, values) } })),
      ),
    enqueue: (payload) => send(payload),
    async enqueueMany(payloads) {
      for (const queue of queues(receivers))
        await boss.insert(
          queue,
          payloads.map((data) => ({ data })),
        );
    },
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}

export async function openWorker(url, { handle, tuned, notify, receivers }) {
  const boss = await started(url, { ...WORKER, ...(notify && { useListenNotify: true }) });
  for (const [index, queue] of queues(receivers).entries()) {
    await boss.work(queue, tuned ? TUNED : USUAL, (jobs) =>
      Promise.all(jobs.map(({ data }) => handle(data.n, index + 1))),
    );
  }
  return { close: () => boss.stop({ graceful: true, timeout: 5000 }) };
}

async function started(url, options) {
  const boss = new PgBoss({ connectionString: url, ...options });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  return boss;
}

function queues(receivers) {
  return Array.from({ length: receivers }, (_, index) => `receiver-${index + 1}`);
}
