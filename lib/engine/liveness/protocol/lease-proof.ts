import { randomUUID } from 'node:crypto';

import type { SqlClient } from '../../database/sql-client.js';
import { unprepared } from '../../database/unprepared.js';
import type { DirectConnection } from '../connection/direct-connection.js';
import { inTransaction, nothingDone } from '../connection/transaction.js';
import { monotonicNow } from '../monotonic.js';
import { SessionUnprovenError } from '../session-unproven.error.js';
import type { StartGate } from '../start-gate.js';
import type { ClaimAnswer } from '../worker-session.js';
import type { ControlWatch } from './control-watch.js';
import type { LockSpace } from './lock-space.js';
import type { Beat, ProofMode } from './proof-mode.js';
import type { WorkerIdentity } from './worker-identity.js';
import { type LookRow, toSighting, type WorkerStatements } from './worker.statements.js';

/** Timings of a lease in milliseconds. */
export interface LeaseTimings {
  readonly lease: number;
  readonly claimDeadline: number;
}

/**
 * Proves a worker by a time in its row that it keeps moving on; for connections through a pooler, where a session's lock would stay on
 * the pooler's connection after the process died. Only the server's clock is asked, and a claim locks the row it depends on.
 */
export class LeaseProof implements ProofMode {
  readonly name = 'lease';

  constructor(
    private readonly statements: WorkerStatements,
    private readonly locks: LockSpace,
    private readonly timings: LeaseTimings,
    private readonly host: string,
    private readonly gate: StartGate,
    private readonly controls: ControlWatch,
  ) {}

  get interval(): number {
    return this.timings.lease / 6;
  }

  async prepare(): Promise<void> {
    // A pooled connection is left as it is found: the next client would inherit what is set on it.
  }

  async enrol(connection: DirectConnection): Promise<WorkerIdentity> {
    const boot = randomUUID();
    const sentAt = monotonicNow();
    const { rows } = await connection.query<{ id: string }>({
      text: this.statements.enrol,
      values: [boot, this.name, this.host, process.pid, null, this.timings.lease],
    });
    const id = Number(rows[0]?.id);
    this.openGate(id, sentAt);
    return { id, boot, proof: 0, backend: connection.processId };
  }

  /** A lease that is over but that nobody acted upon yet is taken up again: whoever comes first to the row wins. */
  async prove(connection: DirectConnection, identity: WorkerIdentity): Promise<WorkerIdentity | undefined> {
    const sentAt = monotonicNow();
    const { rows } = await connection.query<{ proof: string }>({
      text: this.statements.prove,
      values: [identity.id, identity.boot, this.name, null, this.timings.lease],
    });
    const row = rows[0];
    if (row === undefined) return undefined;
    this.openGate(identity.id, sentAt);
    return { ...identity, proof: Number(row.proof), backend: connection.processId };
  }

  async beat(connection: DirectConnection, identity: WorkerIdentity): Promise<Beat> {
    const sentAt = monotonicNow();
    const { rowCount } = await connection.query({
      text: this.statements.renew,
      values: [identity.id, identity.boot, this.timings.lease],
    });
    if (rowCount !== 1) return { kind: 'fenced' };
    this.openGate(identity.id, sentAt);
    const { rows } = await connection.query<LookRow>({
      text: this.statements.look.text,
      values: [this.locks.lockClass],
    });
    const peers = rows.map(toSighting).filter((worker) => worker.id !== identity.id || worker.boot !== identity.boot);
    return { kind: 'proven', peers, controls: rows[0]?.controls ?? null, drawn: rows[0]?.drawn ?? null };
  }

  /**
   * A claim may reach the server late, through a pooler, when this worker was declared dead long ago. So it takes a shared lock on
   * the worker's row as it must be, and a declaration waits for claims that hold it.
   */
  async claim(
    connection: DirectConnection,
    identity: WorkerIdentity,
    claim: (client: SqlClient) => Promise<ClaimAnswer>,
  ): Promise<ClaimAnswer> {
    const answer = await inTransaction(connection, this.timings.claimDeadline, async (client) => {
      const fence = { text: this.statements.fenceClaim, values: [identity.id, identity.boot, identity.proof] };
      const { rows } = await client.query<{ controls: string | null }>(fence);
      const [row] = rows;
      if (row === undefined) return nothingDone;
      // Beats are rare here, and nobody is heard: what operators decide comes with the claims.
      this.controls.look(row.controls);
      return claim(unprepared(client));
    });
    if (answer === undefined) throw new SessionUnprovenError();
    return answer;
  }

  private openGate(workerId: number, sentAt: number): void {
    // The last sixth is left for what a run needs to begin.
    this.gate.open(workerId, sentAt + (this.timings.lease * 5) / 6);
  }
}
