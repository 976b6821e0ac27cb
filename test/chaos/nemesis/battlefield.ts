import { Client } from 'pg';
import type { PostgresServer } from '../../../tools/embedded-postgres.mjs';
import type { Dice } from '../dice.js';
import { monotonic } from '../history/monotonic.js';
import type { Fleet } from '../processes/fleet.js';
import type { Member } from '../processes/member.js';

/**
 * Milliseconds for which one worker after the other is spared: nobody is taken for dead by a worker that was only just started, and
 * without one that may, what the others held would be left where it is.
 */
const SPARED_FOR = 30_000;

/** Where faults strike: processes, their connections, and the server. */
export class Battlefield {
  constructor(
    readonly fleet: Fleet,
    readonly server: Pick<PostgresServer, 'restart'>,
    /** Leads to the database past every proxy. */
    readonly databaseUrl: string,
  ) {}

  /** A process that something may be done to now. */
  victim(dice: Dice, role?: Member['role']): Member | undefined {
    const spared = this.fleet.workers[Math.floor(monotonic() / SPARED_FOR) % Math.max(1, this.fleet.workers.length)];
    const members = this.fleet.members.filter(
      (member) =>
        member.isReady &&
        member.isWanted &&
        !member.isReserved &&
        member !== spared &&
        (role === undefined || member.role === role),
    );
    return members.length === 0 ? undefined : dice.pick(members);
  }

  /** A connection of the nemesis's own, which may be cut off by other faults. */
  async connect(): Promise<Client> {
    const client = new Client(this.databaseUrl);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async execute(sql: string, values: unknown[] = []): Promise<void> {
    const client = await this.connect();
    try {
      await client.query(sql, values);
    } finally {
      await client.end();
    }
  }
}
