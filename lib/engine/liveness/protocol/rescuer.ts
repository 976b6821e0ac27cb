import type { Clock } from '../../clock/clock.js';
import type { SqlClient } from '../../database/sql-client.js';
import type { DirectConnection } from '../connection/direct-connection.js';
import { RESET_PAYLOAD } from '../connection/notifications.js';
import { inTransaction, nothingDone } from '../connection/transaction.js';
import type { SessionSettings } from '../session-settings.js';
import type { LockSpace } from './lock-space.js';
import type { Verdict } from './peer-observer.js';
import type { PeerSighting } from './peer-sighting.js';
import type { ReleaseStatements } from './release.statements.js';

/** What ending a worker brought. */
export interface Rescue {
  /** Deliveries that others may run now. */
  readonly released: number;
  /** Deliveries that were interrupted too often. */
  readonly buried: number;
  /** Deliveries that were locked; they are looked after later. */
  readonly left: number;
}

type HeldRow = Record<'event_id' | 'receiver', string>;

/** Ends workers that are gone, and frees what they held. */
export class Rescuer {
  constructor(
    private readonly statements: ReleaseStatements,
    private readonly locks: LockSpace,
    private readonly channel: string,
    private readonly settings: SessionSettings,
    private readonly clock: Clock,
  ) {}

  /** Acts on a verdict; `undefined` when there was nothing to free, or somebody else was first. */
  async act(connection: DirectConnection, { kind, peer }: Verdict): Promise<Rescue | undefined> {
    const { releaseDeadline } = this.settings;
    if (kind === 'declare') return inTransaction(connection, releaseDeadline, (client) => this.declare(client, peer));
    if (kind === 'sweep') return inTransaction(connection, releaseDeadline, (client) => this.sweep(client, peer));
    await connection.query({
      text: this.statements.terminate,
      values: [this.locks.lockClass, peer.id, peer.heldBy, this.settings.lease],
    });
    return undefined;
  }

  /** Frees what the own worker holds, at its leave; nothing of it was started, so nothing was interrupted. */
  async releaseOwn(connection: DirectConnection, workerId: number): Promise<void> {
    await inTransaction(connection, this.settings.stopDeadline, (client) => this.release(client, workerId, false));
  }

  private async declare(client: SqlClient, peer: PeerSighting): Promise<Rescue | typeof nothingDone> {
    // First the lock, then the row, then the deliveries, each in a statement of its own: one statement would look at the deliveries
    // as they were before it had the lock.
    if (!(await this.hasRight(client, peer))) return nothingDone;
    const { rowCount } = await client.query({ text: this.statements.declare, values: [peer.id, peer.proof] });
    return rowCount === 1 ? this.release(client, peer.id, true) : nothingDone;
  }

  private async sweep(client: SqlClient, peer: PeerSighting): Promise<Rescue | typeof nothingDone> {
    return (await this.hasRight(client, peer)) ? this.release(client, peer.id, peer.state === 'dead') : nothingDone;
  }

  /** A lease lies in the row alone; the lock of a worker that was seen in both modes may have stayed behind in a pooler. */
  private async hasRight(client: SqlClient, peer: PeerSighting): Promise<boolean> {
    if (peer.mode === 'lease') return true;
    const values = [this.locks.lockClass, peer.id];
    const { rows } = await client.query<{ taken: string }>({ text: this.statements.takeLock, values });
    return rows[0]?.taken === 'true';
  }

  private async release(client: SqlClient, workerId: number, interrupted: boolean): Promise<Rescue> {
    const found = await client.query<HeldRow>({ text: this.statements.find, values: [workerId] });
    const { released, buried } = await this.free(client, workerId, interrupted, found.rows);
    const left = found.rows.length - released - buried;
    if (left === 0) await client.query({ text: this.statements.finish, values: [workerId] });
    if (released > 0) await client.query({ text: this.statements.notify, values: [this.channel, RESET_PAYLOAD] });
    return { released, buried, left };
  }

  private async free(
    client: SqlClient,
    workerId: number,
    interrupted: boolean,
    held: readonly HeldRow[],
  ): Promise<Omit<Rescue, 'left'>> {
    if (held.length === 0) return { released: 0, buried: 0 };
    const { rows } = await client.query<Record<'released' | 'buried', string>>({
      text: this.statements.release,
      values: [
        workerId,
        interrupted ? 1 : 0,
        this.settings.maxInterruptions,
        this.clock.offset,
        held.map((row) => row.event_id),
        held.map((row) => row.receiver),
      ],
    });
    return { released: Number(rows[0]?.released), buried: Number(rows[0]?.buried) };
  }
}
