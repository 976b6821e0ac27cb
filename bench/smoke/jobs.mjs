// What people's jobs are allowed to cost, in a table with many others.
import assert from 'node:assert/strict';

import { fillJobs } from '../harness/many-jobs.mjs';
import { callsOf, counted, total } from './counting.mjs';

const CALLS = 100;
const OTHERS = { open: 20_000, closed: 20_000 };

/** Statements and bytes of WAL a call, and buffers it may touch; some more than it took when this was written. */
const MOST = {
  request: { statements: 9, wal: 6_000, buffers: 250 },
  requestAgain: { statements: 9, wal: 3_000, buffers: 250 },
  claimNext: { statements: 9, wal: 6_000, buffers: 400 },
  complete: { statements: 9, wal: 6_000, buffers: 250 },
};

export async function checkJobs({ database, url, desk: start }, check) {
  const first = await start();
  await first.call('open', url);
  await first.stop();
  await fillJobs(database, OTHERS);
  await database.countStatements();
  const desk = await start();
  await desk.call('open', url);
  for (const method of ['request', 'requestAgain', 'claimNext', 'complete']) {
    await check(`${method} of a job, among many others, stays within its statements, WAL and buffers`, () =>
      withinLimits(database, desk, method),
    );
  }
}

async function withinLimits(database, desk, method) {
  if (method === 'complete') await desk.call('request', CALLS);
  const statements = await counted(database, () => desk.call(method, CALLS));
  const figures = {
    statements: callsOf(statements) / CALLS,
    wal: total(statements, 'wal_bytes') / CALLS,
    buffers: total(statements, 'shared_blks_hit') / CALLS,
  };
  for (const [name, most] of Object.entries(MOST[method])) {
    assert(figures[name] <= most, `${method}: ${figures[name]} ${name} a call, at most ${most}`);
  }
  const { statements: each, wal, buffers } = figures;
  return `${each.toFixed(2)} statements, ${wal.toFixed(0)} bytes of WAL and ${buffers.toFixed(0)} buffers a call`;
}
