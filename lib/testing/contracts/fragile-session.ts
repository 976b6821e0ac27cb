import type { WorkerSession } from '../../engine/liveness/worker-session.js';

/**
 * A session on a connection that can be cut.
 *
 * @publicApi
 */
export interface FragileSession {
  readonly session: WorkerSession;
  /** Cuts the connection, and keeps it from being made again. A process that was killed looks the same to others. */
  readonly cut: () => void;
  /** Lets the connection be made again. */
  readonly mend: () => void;
  /** While it is cut and another session is started: resolves when the process was taken for dead. */
  readonly takenForDead: () => Promise<void>;
}
