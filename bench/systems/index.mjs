// What is compared, and in which form. `module` is the adapter's file, `settings` what is handed to each of its functions.
import { existsSync } from 'node:fs';

import { hasRedis } from '../harness/redis.mjs';

/** Peers are there only after `npm ci --prefix bench`. */
export const hasPeers = existsSync(new URL('../node_modules/pg-boss', import.meta.url));
const PEERS = ['pg-boss', 'graphile-worker', 'bullmq'];

/** This package, as a user has it. */
export const ours = { name: 'nestjs-jobs', module: 'nestjs-jobs', settings: {} };

/** The same, started as PERFORMANCE.md advises where memory is scarce. */
export const oursInLittleMemory = {
  ...ours,
  name: 'nestjs-jobs, small heap',
  node: ['--max-semi-space-size=2', '--max-old-space-size=256'],
};

/** The same, told how many receivers run at once, as a user tells it whose receivers wait for others. */
export const oursConcurrent = { ...ours, name: 'nestjs-jobs, concurrency 500', settings: { concurrency: 500 } };

/** Its engine alone, without Nest. */
export const engine = { name: 'its engine alone', module: 'engine', settings: {} };

/** Its jobs to be done. */
export const jobDesk = { name: 'nestjs-jobs', module: 'job-desk', settings: {} };

/** Another build of it, to see what a change brought: the folder that holds its package.json and dist. */
export const against = (folder) => ({
  name: `nestjs-jobs in ${folder}`,
  module: 'nestjs-jobs',
  settings: { package: folder },
});

export const floor = { name: 'raw pg', module: 'raw-pg', settings: {} };
export const floorInTypeOrm = { name: "raw pg in TypeORM's transaction", module: 'raw-in-typeorm', settings: {} };
export const nestAlone = { name: 'Nest and TypeORM, no queue', module: 'nest-alone', settings: {} };
export const floorNotified = { name: 'raw pg, notify', module: 'raw-pg', settings: { notify: true } };
export const pgBoss = { name: 'pg-boss', module: 'pg-boss', settings: {} };
export const pgBossTuned = { name: 'pg-boss, tuned', module: 'pg-boss', settings: { tuned: true } };
export const pgBossNotified = { name: 'pg-boss, notify', module: 'pg-boss', settings: { notify: true } };
export const graphile = { name: 'graphile-worker', module: 'graphile-worker', settings: {} };
export const graphileTuned = { name: 'graphile-worker, tuned', module: 'graphile-worker', settings: { tuned: true } };

const bullmq = (name, settings) => ({ name: `BullMQ, ${name}`, module: 'bullmq', settings });
export const bullmqRedis = bullmq('Redis', { backend: 'redis' });
export const bullmqRedisTuned = bullmq('Redis, tuned', { backend: 'redis', tuned: true });
export const bullmqPostgres = bullmq('PostgreSQL', { backend: 'postgres' });
export const bullmqPostgresTuned = bullmq('PostgreSQL, tuned', { backend: 'postgres', tuned: true });

/** Systems that are installed: the peers only after `npm ci --prefix bench`, and what needs a Redis only where there is one. */
export function installed(systems) {
  return systems.filter(
    ({ module, settings }) => (hasPeers || !PEERS.includes(module)) && (hasRedis || settings.backend !== 'redis'),
  );
}

/** What is left out of the comparison here, and why; for the report. */
export function missing() {
  if (!hasPeers) return ['the peers: npm ci --prefix bench --ignore-scripts'];
  return hasRedis ? [] : ['BullMQ on Redis: no redis-server in PATH'];
}

/** What workers take jobs from. */
export const jobTables = {
  'nestjs-jobs': 'jobs_delivery',
  engine: 'jobs_delivery',
  'raw-pg': 'delivery',
  'pg-boss': 'pgboss.job',
  bullmq: 'bullmq.job',
  'graphile-worker': 'graphile_worker._private_jobs',
};

/** How many jobs are not done, in the database of a run. */
export const unfinished = {
  'nestjs-jobs': 'select count(*)::int from jobs_delivery',
  engine: 'select count(*)::int from jobs_delivery',
  'raw-pg': 'select count(*)::int from delivery',
  'raw-in-typeorm': 'select count(*)::int from delivery',
  'pg-boss': `select count(*)::int from pgboss.job where state < 'completed'`,
  // Finished jobs are removed.
  bullmq: 'select count(*)::int from bullmq.job',
  'graphile-worker': 'select count(*)::int from graphile_worker._private_jobs',
};
