import { Socket } from 'node:net';

import { PostgresWorkerSession } from '../../lib/engine/liveness/postgres-worker-session.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';

// Starts a session and forgets it: the process must end by itself.

const [url, place] = process.argv.slice(2);
const report = (): void => undefined;

void new PostgresWorkerSession({
  connection: { connectionString: url!, ...(place === 'main' ? { stream: () => new Socket() } : {}) },
  names: tableNames(),
  channel: 'jobs_wake',
  clock: { offset: 0 },
})
  .start({
    onWake: report,
    onStirred: report,
    onControls: report,
    onProven: report,
    onUnproven: report,
    onFenced: report,
    onRecovered: report,
    heldDeliveries: () => [],
    onNotice: report,
  })
  .then(() => process.stdout.write('proven'));
