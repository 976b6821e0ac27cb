import { Claimer } from '../../claiming/claimer.js';
import { SeparateEar, SessionEar } from '../connection/ear.js';
import { ClaimDesk } from '../protocol/claim-desk.js';
import { Connector } from '../protocol/connector.js';
import { ControlWatch } from '../protocol/control-watch.js';
import { LeaseProof } from '../protocol/lease-proof.js';
import { LockProof } from '../protocol/lock-proof.js';
import { LockSpace } from '../protocol/lock-space.js';
import { PeerObserver } from '../protocol/peer-observer.js';
import { PeerWatch } from '../protocol/peer-watch.js';
import { releaseStatements } from '../protocol/release.statements.js';
import { Rescuer } from '../protocol/rescuer.js';
import type { SessionEvents } from '../protocol/session-events.js';
import { SessionProtocol } from '../protocol/session-protocol.js';
import { workerStatements } from '../protocol/worker.statements.js';
import { StartGate } from '../start-gate.js';
import { MovableClock } from './movable-clock.js';
import type { SessionSetup } from './session-setup.js';

/** A session put together for the thread it is to run in. */
export interface AssembledSession {
  readonly protocol: SessionProtocol;
  readonly clock: MovableClock;
}

/**
 * Puts a session together.
 *
 * @param place `main` when it shares its thread with the application, which may block it.
 */
export function assembleSession(
  setup: SessionSetup,
  events: SessionEvents,
  place: 'thread' | 'main',
): AssembledSession {
  const { names, settings, host, channel, ownCall, connection } = setup;
  const statements = workerStatements(names);
  const clock = new MovableClock(setup.clockOffset);
  const claimer = new Claimer(names, clock);
  const gate = new StartGate(setup.gate);
  const locks = new LockSpace(names, statements);
  const warn = (message: string): void => events.notice('warn', message);
  const controls = new ControlWatch(claimer, events);
  const lease = place === 'thread' ? settings.poolerLease : settings.mainThreadLease;
  const modes = {
    lock: new LockProof(place === 'thread' ? 'lock' : 'main', statements, locks, settings, host, gate, warn),
    lease: new LeaseProof(statements, locks, { lease, claimDeadline: settings.claimDeadline }, host, gate, controls),
  };
  const deadlines = { connect: settings.connectDeadline, statement: settings.beatDeadline };
  const ear =
    place === 'thread' ? new SessionEar(channel) : new SeparateEar(connection, deadlines, channel, settings.beat);
  const connector = new Connector(connection, settings, modes, ear, locks, statements, warn);
  const rescuer = new Rescuer(releaseStatements(names), locks, channel, settings, clock);
  const watch = new PeerWatch(new PeerObserver(settings, host), rescuer, claimer, events);
  const desk = new ClaimDesk(claimer, statements, events, settings.releaseDeadline);
  const protocol = new SessionProtocol(
    connector,
    desk,
    watch,
    rescuer,
    controls,
    statements,
    gate,
    events,
    settings.retry,
    ownCall,
  );
  return { protocol, clock };
}
