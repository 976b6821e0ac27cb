import type { SessionHost } from '../host/session-host.js';
import type { SessionSetup } from '../host/session-setup.js';
import type { SessionEvents } from '../protocol/session-events.js';
import type { WorkerIdentity } from '../protocol/worker-identity.js';
import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';
import type { PackedClaims } from './packed-claims.js';

/** What the liveness thread does for the main thread. */
export interface ThreadOffer extends Pick<SessionHost, 'start' | 'prove' | 'stop'> {
  claim(demands: readonly ReceiverDemand[], clockOffset: number): Promise<PackedAnswer>;
  /** Instead of `start`: takes over from a thread that ended, with the identity it had proven if any. */
  resume(identity: WorkerIdentity | undefined): void;
}

/** What a claim brought, for the way. */
export interface PackedAnswer extends Pick<ClaimAnswer, 'nextDueIn'> {
  readonly claims: PackedClaims;
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
