import { randomUUID } from 'node:crypto';

import { CLAIM_PLANNING } from '../../claiming/claim-planning.js';
import type { SqlClient } from '../../database/sql-client.js';
import { unprepared } from '../../database/unprepared.js';
import type { DirectConnection } from '../connection/direct-connection.js';
import { setSessionParameters } from '../connection/session-parameters.js';
import { monotonicNow } from '../monotonic.js';
import type { SessionSettings } from '../session-settings.js';
import type { StartGate } from '../start-gate.js';
import type { ClaimAnswer } from '../worker-session.js';
import type { LockSpace } from './lock-space.js';
import type { Beat, ProofMode } from './proof-mode.js';
import type { WorkerIdentity } from './worker-identity.js';
import { type LookRow, toSighting, type WorkerStatements } from './worker.statements.js';

const BEATS_BETWEEN_SIGNS_OF_LIFE = 10;

/** Proves a worker by an advisory lock of its connection's session: the lock is free as soon as the server sees the connection end. */
export class LockProof implements ProofMode {
  private signedAt = 0;
  private warned = false;
  private keepsPlans = false;

  constructor(
    /** `main` when the connection is served by the main thread, which others must know. */
    readonly name: 'lock' | 'main',
    private readonly statements: WorkerStatements,
    private readonly locks: LockSpace,
    private readonly settings: SessionSettings,
    private readonly host: string,
    private readonly gate: StartGate,
    private readonly warn: (message: string) => void,
  ) {}

  get interval(): number {
    return this.settings.beat;
  }

  async prepare(connection: DirectConnection): Promise<void> {
    const { claimDeadline, beatDeadline } = this.settings;
    const limits = { statement: Math.round(claimDeadline * 0.9), lock: Math.round(beatDeadline * 0.66) };
    const refused = await setSessionParameters(connection, limits);
    this.keepsPlans = CLAIM_PLANNING.every(([name]) => !refused.includes(name));
    if (refused.length === 0 || this.warned) return;
    this.warned = true;
    this.warn(
      `The server refused ${refused.join(', ')} for the worker's session; it may notice later that a process is gone.`,
    );
  }

  async enrol(connection: DirectConnection): Promise<WorkerIdentity> {
    const boot = randomUUID();
    const { rows } = await connection.query<{ id: string }>({
      text: this.statements.enrol,
      values: [boot, this.name, this.host, process.pid, connection.processId, null],
    });
    const identity = { id: Number(rows[0]?.id), boot, proof: 0, backend: connection.processId };
    const proven = await this.takeLock(connection, identity);
    if (proven === undefined) throw new Error('The new worker was declared dead before it had begun.');
    return proven;
  }

  async prove(connection: DirectConnection, identity: WorkerIdentity): Promise<WorkerIdentity | undefined> {
    await connection.query({
      text: this.statements.endOldBackend,
      values: [this.locks.lockClass, identity.id, identity.backend],
    });
    return this.takeLock(connection, identity);
  }

  async beat(connection: DirectConnection, identity: WorkerIdentity): Promise<Beat> {
    const { rows } = await connection.query<LookRow>({ ...this.statements.look, values: [this.locks.lockClass] });
    const workers = rows.map(toSighting);
    const own = workers.find((worker) => worker.id === identity.id && worker.boot === identity.boot);
    if (own?.state !== 'live') return { kind: 'fenced' };
    if (own.backend !== connection.processId) return { kind: 'pooled' };
    if (own.heldBy !== own.backend) return { kind: 'lost', reason: 'its session no longer holds the lock' };
    const signed = await this.sign(connection, identity);
    if (!signed) return { kind: 'fenced' };
    return {
      kind: 'proven',
      peers: workers.filter((worker) => worker !== own),
      controls: rows[0]?.controls ?? null,
      drawn: rows[0]?.drawn ?? null,
    };
  }

  /** Whoever holds the session's lock cannot be declared dead, so the claim needs no fence of its own. */
  async claim(
    connection: DirectConnection,
    _identity: WorkerIdentity,
    claim: (client: SqlClient) => Promise<ClaimAnswer>,
  ): Promise<ClaimAnswer> {
    const client = connection.within(this.settings.claimDeadline);
    return claim(this.keepsPlans ? client : unprepared(client));
  }

  private async takeLock(connection: DirectConnection, identity: WorkerIdentity): Promise<WorkerIdentity | undefined> {
    // Waiting, not trying: others look at this lock, and a try would fail on a mere look of theirs.
    await connection.query({ text: this.statements.lock, values: [this.locks.lockClass, identity.id] });
    // Only now the row, which may say that the worker was declared dead. Each taking of the lock has a number of its own, so whoever
    // saw the lock free before cannot mistake a second loss for the first.
    const sentAt = monotonicNow();
    const { rows } = await connection.query<{ proof: string }>({
      text: this.statements.prove,
      values: [identity.id, identity.boot, this.name, connection.processId, null],
    });
    const row = rows[0];
    if (row === undefined) return undefined;
    this.signedAt = monotonicNow();
    this.keepGateOpen(connection, identity.id, sentAt);
    return { ...identity, proof: Number(row.proof), backend: connection.processId };
  }

  /** Whatever the session answers proves that it lived when the statement was sent. */
  private keepGateOpen(connection: DirectConnection, workerId: number, provenAt: number): void {
    const answered = (sentAt: number): void => this.gate.open(workerId, sentAt + this.settings.gate);
    connection.observer = { ...connection.observer, answered };
    answered(provenAt);
  }

  private async sign(connection: DirectConnection, identity: WorkerIdentity): Promise<boolean> {
    if (monotonicNow() - this.signedAt < BEATS_BETWEEN_SIGNS_OF_LIFE * this.settings.beat) return true;
    const { rowCount } = await connection.query({
      text: this.statements.renew,
      values: [identity.id, identity.boot, null],
    });
    this.signedAt = monotonicNow();
    return rowCount === 1;
  }
}
