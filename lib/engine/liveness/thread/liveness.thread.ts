import { parentPort, workerData } from 'node:worker_threads';

import { assembleSession } from '../host/assemble-session.js';
import type { SessionSetup } from '../host/session-setup.js';
import type { SessionEvents } from '../protocol/session-events.js';
import type { WorkerIdentity } from '../protocol/worker-identity.js';
import type { ReceiverDemand } from '../worker-session.js';
import { passwordSource } from './password-source.js';
import { packClaims } from './packed-claims.js';
import { type MessageEnd, Remote } from './remote.js';
import type { MainOffer, PackedAnswer, ThreadData, ThreadOffer } from './thread-offers.js';

// The thread that keeps a worker proven, whatever the application's event loop is busy with.

function run(end: MessageEnd, { setup, dynamicPassword }: ThreadData): void {
  const offered = new Map<keyof ThreadOffer, (...values: never[]) => unknown>();
  const main = new Remote<MainOffer>(end, offered);
  const connection = dynamicPassword
    ? { ...setup.connection, password: passwordSource(() => main.call('password')) }
    : setup.connection;
  const local: SessionSetup = { ...setup, connection };
  const { protocol, clock } = assembleSession(local, reportsTo(main), 'thread');

  offered.set('start', () => protocol.start());
  offered.set('resume', (identity: WorkerIdentity | undefined) => protocol.resume(identity));
  offered.set('prove', () => protocol.prove());
  offered.set('stop', () => protocol.stop());
  offered.set('claim', async (demands: readonly ReceiverDemand[], clockOffset: number): Promise<PackedAnswer> => {
    clock.offset = clockOffset;
    const { deliveries, nextDueIn } = await protocol.claim(demands);
    return { claims: packClaims(deliveries), nextDueIn };
  });
  main.tell('ready');
}

function reportsTo(main: Remote<MainOffer>): SessionEvents {
  return {
    proven: (...values) => main.tell('proven', ...values),
    unproven: () => main.tell('unproven'),
    fenced: () => main.tell('fenced'),
    recovered: (...values) => main.tell('recovered', ...values),
    wake: () => main.tell('wake'),
    stirred: () => main.tell('stirred'),
    controls: (...values) => main.tell('controls', ...values),
    notice: (...values) => main.tell('notice', ...values),
    held: () => main.call('held'),
  };
}

if (parentPort !== null) run(parentPort, workerData as ThreadData);
