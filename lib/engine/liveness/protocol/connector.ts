import type { ClientConfig } from '../../database/client-config.js';

import { DirectConnection } from '../connection/direct-connection.js';
import type { Ear } from '../connection/ear.js';
import type { SessionSettings } from '../session-settings.js';
import type { LockSpace } from './lock-space.js';
import type { ProofMode } from './proof-mode.js';
import type { WorkerIdentity } from './worker-identity.js';
import type { WorkerStatements } from './worker.statements.js';

/** A connection, and the way in which it can prove a worker. */
export interface ConnectionMode {
  readonly connection: DirectConnection;
  readonly mode: ProofMode;
}

/** The two ways of proving between which a connection decides. */
export interface ProofModes {
  readonly lock: ProofMode;
  readonly lease: ProofMode;
}

/** Opens connections, and finds out of each whether it is the worker's alone. */
export class Connector {
  private pooled: boolean;
  private warned = false;

  constructor(
    private readonly config: ClientConfig,
    private readonly settings: SessionSettings,
    private readonly modes: ProofModes,
    private readonly ear: Ear,
    private readonly locks: LockSpace,
    private readonly statements: WorkerStatements,
    private readonly warn: (message: string) => void,
  ) {
    this.pooled = settings.proof === 'lease';
  }

  async connect(): Promise<ConnectionMode> {
    const deadlines = { connect: this.settings.connectDeadline, statement: this.settings.beatDeadline };
    const connection = await DirectConnection.open(this.config, deadlines);
    try {
      const mode = await this.modeOf(connection);
      await mode.prepare(connection);
      await this.locks.locate(connection);
      return { connection, mode };
    } catch (error) {
      connection.abandon('it cannot be used');
      throw error;
    }
  }

  /** Listens for what others send; `false` behind a pooler. */
  async hear(
    { connection, mode }: ConnectionMode,
    { boot }: WorkerIdentity,
    notified: (payload: string) => void,
  ): Promise<boolean> {
    return mode.name === 'lease' ? false : this.ear.hear(boot, notified, connection);
  }

  /**
   * Takes connections for pooled from now on, as one of them proved to be.
   *
   * @returns why.
   */
  expectPooler(): string {
    this.pooled = true;
    return 'its statements are answered by different server processes, so a pooler stands in between';
  }

  close(): void {
    this.ear.close();
  }

  private async modeOf(connection: DirectConnection): Promise<ProofMode> {
    // Asked before anything is set or locked: behind a pooler that would stay on a connection which others get next.
    if (!this.pooled) {
      const { rows } = await connection.query<{ backend: string }>({ text: this.statements.backend });
      if (Number(rows[0]?.backend) === connection.processId) return this.modes.lock;
    }
    if (!this.warned) {
      this.warned = true;
      this.warn(
        `The worker's connection goes through a pooler: when a process dies, its deliveries wait for up to ${
          this.modes.lease.interval * 6
        } ms, and other processes are not heard but polled. Give it a direct connection to PostgreSQL to recover within seconds.`,
      );
    }
    return this.modes.lease;
  }
}
