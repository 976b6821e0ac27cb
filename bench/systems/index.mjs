// What is compared, and in which form. `module` is the adapter's file, `settings` what is handed to each of its functions.
import { existsSync } from 'node:fs';

const hasPeers = existsSync(new URL('../node_modules/pg-boss', import.meta.url));

/** This package, as a user has it. */
export const ours = { name: 'nestjs-jobs', module: 'nestjs-jobs', settings: {} };

/** Another build of it, to see what a change brought: the folder that holds its package.json and dist. */
export const against = (folder) => ({
  name: `nestjs-jobs in ${folder}`,
  module: 'nestjs-jobs',
  settings: { package: folder },
});

export const floor = { name: 'raw pg', module: 'raw-pg', settings: {} };
export const floorNotified = { name: 'raw pg, notify', module: 'raw-pg', settings: { notify: true } };
export const pgBoss = { name: 'pg-boss', module: 'pg-boss', settings: {} };
export const pgBossTuned = { name: 'pg-boss, tuned', module: 'pg-boss', settings: { tuned: true } };
export const pgBossNotified = { name: 'pg-boss, notify', module: 'pg-boss', settings: { notify: true } };
export const graphile = { name: 'graphile-worker', module: 'graphile-worker', settings: {} };
export const graphileTuned = { name: 'graphile-worker, tuned', module: 'graphile-worker', settings: { tuned: true } };

/** Systems that are installed: the peers only after `npm ci --prefix bench`. */
export function installed(systems) {
  return systems.filter(({ module }) => hasPeers || !['pg-boss', 'graphile-worker'].includes(module));
}

/** How many jobs are not done, in the database of a run. */
export const unfinished = {
  'nestjs-jobs': 'select count(*)::int from jobs_delivery',
  'raw-pg': 'select count(*)::int from delivery',
  'pg-boss': `select count(*)::int from pgboss.job where state < 'completed'`,
  'graphile-worker': 'select count(*)::int from graphile_worker._private_jobs',
};
