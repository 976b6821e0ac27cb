import { Socket } from 'node:net';

import type { ClaimedDelivery } from '../../lib/engine/deliveries/claimed-delivery.js';
import { PostgresWorkerSession } from '../../lib/engine/liveness/postgres-worker-session.js';
import type { WorkerSessionListener } from '../../lib/engine/liveness/worker-session.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import type { ChildOrder, ChildReport, WorkerProcessOptions } from '../engine/liveness/support/worker-process.js';

// A worker as small as can be: it claims when told to, and starts what it claimed as soon as the gate admits it.

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerProcessOptions;
const stream = options.main === true ? { stream: () => new Socket() } : {};
const session = new PostgresWorkerSession({
  connection: { connectionString: options.url, ...stream },
  names: tableNames(),
  channel: options.channel,
  clock: { offset: 0 },
  settings: options.settings,
  ...(options.host === undefined ? {} : { host: options.host }),
});
let waiting: ClaimedDelivery[] = [];
let started: ClaimedDelivery[] = [];
let running = false;

const identity = (): { workerId?: number } => (session.workerId === undefined ? {} : { workerId: session.workerId });

const listener: WorkerSessionListener = {
  onWake: () => undefined,
  onStirred: () => undefined,
  onControls: () => undefined,
  onProven: () => {
    report({ kind: 'proven', ...identity() });
    startWaiting();
  },
  onUnproven: () => report({ kind: 'unproven' }),
  onFenced: () => {
    waiting = [];
    started = [];
    report({ kind: 'fenced' });
  },
  onRecovered: (deliveries) => {
    waiting.push(...deliveries);
    report({ kind: 'recovered' });
  },
  heldDeliveries: () => [...waiting, ...started],
  onNotice: (level, message) => report({ kind: 'notice', message: `${level}: ${message}` }),
};

function report(message: ChildReport): void {
  process.send?.(message);
}

function startWaiting(): void {
  while (running && waiting.length > 0 && session.isProven()) {
    const delivery = waiting.shift()!;
    started.push(delivery);
    report({ kind: 'started', delivery });
  }
}

async function claim(limit: number): Promise<void> {
  const { deliveries } = await session.claim([{ receiver: 1, limit, version: 32_767 }]);
  waiting.push(...deliveries);
  report({ kind: 'claimed', deliveries });
  startWaiting();
}

function block(milliseconds: number): void {
  process.send?.({ kind: 'blocking' } satisfies ChildReport, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    report({ kind: 'unblocked', admitted: session.isProven(), ...identity() });
    startWaiting();
  });
}

process.on('message', (order: ChildOrder) => {
  if (order.kind === 'claim')
    claim(order.limit).catch((error: unknown) => report({ kind: 'notice', message: `claim failed: ${String(error)}` }));
  else if (order.kind === 'block') block(order.milliseconds);
  else {
    running = true;
    startWaiting();
  }
});

// The parent is gone.
process.on('disconnect', () => process.exit());

void session.start(listener);
