// BullMQ on Redis and on PostgreSQL, as its documents set it up for production: Redis with an append-only file that is written each second
// and never evicts, finished jobs removed. Its enqueue cannot join a transaction, so it comes after the commit.
import pg from 'pg';
import { createPostgresBackend, Queue, Worker } from 'bullmq';

import { inTransaction } from './no-queue.mjs';

const QUEUE = { defaultJobOptions: { removeOnComplete: true, removeOnFail: 1000 } };
const USUAL = { concurrency: 10 };
const TUNED = { redis: { concurrency: 100 }, postgres: { concurrency: 32 } };

export async function prepare(url, { receivers, ...settings }) {
  // The first queue creates the tables.
  for (const queue of queues(url, receivers, settings)) {
    await queue.waitUntilReady();
    await queue.close();
  }
}

export async function openProducer(url, { connections, receivers, ...settings }) {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const opened = queues(url, receivers, settings, connections);
  await Promise.all(opened.map((queue) => queue.waitUntilReady()));
  const add = async (payload) => {
    // Not in one transaction. The first receiver, whose handlers are timed, comes last, as what is timed begins when all is there.
    for (const queue of opened.toReversed()) await queue.add('payment.completed', payload);
  };
  return {
    async transaction(payment, payload) {
      await inTransaction(pool, payment);
      if (payload !== undefined) await add(payload);
    },
    enqueue: add,
    async enqueueMany(payloads) {
      for (const queue of opened) await queue.addBulk(payloads.map((data) => ({ name: 'payment.completed', data })));
    },
    async close() {
      await Promise.all(opened.map((queue) => queue.close()));
      await pool.end();
    },
  };
}

export async function openWorker(url, { handle, tuned, receivers, ...settings }) {
  const { concurrency } = tuned ? TUNED[settings.backend] : USUAL;
  const workers = Array.from(
    { length: receivers },
    (_, index) =>
      new Worker(
        name(index + 1),
        ({ data }) => handle(data.n, index + 1),
        { ...QUEUE.defaultJobOptions, concurrency, connection: connection(url, settings, concurrency + 2) },
        backendOf(settings),
      ),
  );
  for (const worker of workers) worker.on('error', (error) => console.error(error));
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return { close: () => Promise.all(workers.map((worker) => worker.close())) };
}

function queues(url, receivers, settings, connections = 2) {
  return Array.from(
    { length: receivers },
    (_, index) =>
      new Queue(name(index + 1), { ...QUEUE, connection: connection(url, settings, connections) }, backendOf(settings)),
  );
}

function connection(url, { backend, redis }, max) {
  if (backend === 'postgres') return { connectionString: url, max, migrate: true };
  const { hostname: host, port } = new URL(redis);
  return { host, port: Number(port), maxRetriesPerRequest: null };
}

/** Redis needs none. */
function backendOf({ backend }) {
  return backend === 'postgres' ? createPostgresBackend : undefined;
}

function name(number) {
  return `receiver-${number}`;
}
