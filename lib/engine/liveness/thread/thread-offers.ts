import type { SessionHost } from '../host/session-host.js';
import type { SessionSetup } from '../host/session-setup.js';
import type { SessionEvents } from '../protocol/session-events.js';
import type { WorkerIdentity } from '../protocol/worker-identity.js';

/** What the liveness thread does for the main thread. */
export interface ThreadOffer extends Pick<SessionHost, 'start' | 'claim' | 'prove' | 'stop'> {
  /** Instead of `start`: takes over from a thread that ended, with the identity it had proven if any. */
  resume(identity: WorkerIdentity | undefined): void;
}

/** What the main thread does for the liveness thread. */
export interface MainOffer extends SessionEvents {
  /** The thread is loaded and can be called. */
  ready(): void;
  /** Asks the application for the password of the moment. */
  password(): Promise<string>;
}

/** What a thread is started with. */
export interface ThreadData {
  readonly setup: SessionSetup;
  /** Whether the password must be asked for at each connect. */
  readonly dynamicPassword: boolean;
}
