import type { DirectConnection } from '../connection/direct-connection.js';
import type { ProofMode } from './proof-mode.js';
import type { WorkerIdentity } from './worker-identity.js';

/** A proven session: who it is, and on which connection it proves that. */
export interface Standing {
  readonly connection: DirectConnection;
  readonly mode: ProofMode;
  readonly identity: WorkerIdentity;
}
