import type { SqlClient } from '../../database/sql-client.js';
import type { DirectConnection } from '../connection/direct-connection.js';
import type { WorkerMode } from '../session-settings.js';
import type { ClaimAnswer } from '../worker-session.js';
import type { PeerSighting } from './peer-sighting.js';
import type { WorkerIdentity } from './worker-identity.js';

/** What a beat found out of a session that stands. */
export interface ProvenBeat {
  readonly kind: 'proven';
  readonly peers: readonly PeerSighting[];
  /** What operators decided about receivers, as text. */
  readonly controls: string | null;
  /** The last id drawn for an event; `null` where it is not told. */
  readonly drawn: string | null;
}

/** What a beat found out. */
export type Beat =
  | ProvenBeat
  /** The connection no longer proves the worker. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Statements of one connection are answered by different server processes. */
  | { readonly kind: 'pooled' }
  /** The worker was declared dead. */
  | { readonly kind: 'fenced' };

/** A way to prove to the database, and through it to others, that this worker lives. */
export interface ProofMode {
  readonly name: WorkerMode;
  /** Longest time between two beats, in milliseconds. */
  readonly interval: number;
  /** Readies a new connection, before anything else is asked of it. */
  prepare(connection: DirectConnection): Promise<void>;
  /** Makes a new identity and proves it. */
  enrol(connection: DirectConnection): Promise<WorkerIdentity>;
  /** Proves an identity on a new connection; `undefined` when it was declared dead meanwhile. */
  prove(connection: DirectConnection, identity: WorkerIdentity): Promise<WorkerIdentity | undefined>;
  /** Keeps the proof fresh, and looks at the others. */
  beat(connection: DirectConnection, identity: WorkerIdentity): Promise<Beat>;
  /** Runs a claim so that it takes nothing once the worker was declared dead, on a client that keeps no plan it must not. */
  claim(
    connection: DirectConnection,
    identity: WorkerIdentity,
    claim: (client: SqlClient) => Promise<ClaimAnswer>,
  ): Promise<ClaimAnswer>;
}
