import type { SessionEvents } from '../protocol/session-events.js';
import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';
import { type AssembledSession, assembleSession } from './assemble-session.js';
import type { SessionHost } from './session-host.js';
import type { SessionSetup } from './session-setup.js';
import { settledWithin } from './settled-within.js';

/**
 * Runs a session on the main thread, where a connection's configuration cannot be handed to a thread.
 *
 * While the event loop is blocked nothing can be proven again, so others wait longer before they take this worker for dead.
 */
export class MainThreadHost implements SessionHost {
  private readonly session: AssembledSession;

  constructor(
    private readonly setup: SessionSetup,
    events: SessionEvents,
  ) {
    this.session = assembleSession(setup, events, 'main');
  }

  start(): Promise<void> {
    return this.session.protocol.start();
  }

  claim(demands: readonly ReceiverDemand[], clockOffset: number): Promise<ClaimAnswer> {
    this.session.clock.offset = clockOffset;
    return this.session.protocol.claim(demands);
  }

  prove(): void {
    this.session.protocol.prove();
  }

  async stop(): Promise<void> {
    const stopped = await settledWithin(this.session.protocol.stop(), this.setup.settings.stopDeadline);
    if (!stopped) this.session.protocol.abandon();
  }
}
