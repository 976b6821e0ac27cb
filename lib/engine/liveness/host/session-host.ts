import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';

/** Where a session runs, as seen from the main thread. */
export interface SessionHost {
  /** Rejects when the first proof fails. */
  start(): Promise<void>;
  claim(demands: readonly ReceiverDemand[], clockOffset: number): Promise<ClaimAnswer>;
  /** Asks for a fresh proof, which is reported like a first one. */
  prove(): void;
  /** Leaves, or gives up after the time that stopping may take. */
  stop(): Promise<void>;
}
