import { Logger } from '@nestjs/common';

import type { EngineConnection } from '../database/engine-connection.js';
import type { EngineDatabase } from '../database/engine-database.js';
import type { TableNames } from '../schema/table-names.js';
import type { Receiver } from './receiver.js';

/** Receivers by the number under which their deliveries are stored. */
export type ReceiverNumbers = ReadonlyMap<number, Receiver>;

interface ReceiverRow {
  readonly id: number;
  readonly name: string;
  readonly former_names: readonly string[];
  readonly retired: boolean;
}

interface SubscriptionRow {
  readonly pattern: string;
  readonly receiver: number;
  readonly version: number | null;
}

/** What is registered, as the database has it. */
interface Registration {
  readonly receivers: readonly ReceiverRow[];
  readonly subscriptions: readonly SubscriptionRow[];
}

/**
 * Keeps which receivers exist and what they listen to. The emit statement fans out by it, so a receiver is heard of by every process
 * as soon as it is registered by one, and until it is retired.
 */
export class RegistrationStore {
  private readonly logger = new Logger('JobsModule');

  constructor(
    private readonly database: EngineDatabase,
    private readonly names: TableNames,
  ) {}

  /** Registers receivers and their subscriptions, and answers with their numbers. A boot that changes nothing writes nothing. */
  async register(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    if (receivers.length === 0) return new Map();
    const current = await this.read(this.database.connection);
    if (receivers.every((receiver) => isRegistered(receiver, current))) return numbersOf(receivers, current);
    return this.database.transaction(async (connection) => {
      // Replicas that boot together take turns; readers and emitters go on.
      await connection.runUnprepared(`lock table ${this.names.receiver} in share row exclusive mode`);
      for (const receiver of receivers) await this.registerOne(connection, receiver, await this.read(connection));
      return numbersOf(receivers, await this.read(connection));
    });
  }

  /** The numbers of those receivers that are registered; nothing is written. */
  async find(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    return numbersOf(receivers, await this.read(this.database.connection));
  }

  /**
   * Ends the fan-out to a receiver. Deliveries it has still run where it exists.
   *
   * @returns whether a receiver of that id was registered.
   */
  async retire(id: string): Promise<boolean> {
    return this.database.transaction(async (connection) => {
      const { rows } = await connection.runUnprepared<{ id: number }>(
        `update ${this.names.receiver} set retired_at = coalesce(retired_at, now()) where name = $1 returning id`,
        [id],
      );
      const row = rows[0];
      if (row === undefined) return false;
      await connection.runUnprepared(`delete from ${this.names.subscription} where receiver = $1`, [row.id]);
      return true;
    });
  }

  private async registerOne(connection: EngineConnection, receiver: Receiver, current: Registration): Promise<void> {
    const rows = rowsOf(receiver, current.receivers);
    const own = rows.find((row) => knows(row, receiver.id)) ?? rows[0];
    const id =
      own === undefined ? await this.insert(connection, receiver) : await this.revive(connection, own, receiver);
    for (const row of rows) if (row.id !== id) await this.mergeInto(connection, row, receiver);
    for (const { pattern, version } of receiver.subscriptions) {
      await connection.runUnprepared(
        `insert into ${this.names.subscription} as s (pattern, receiver, version) values ($1, $2, $3)
         on conflict (pattern, receiver) do update
         set version = case when s.version is null or excluded.version is null then null else greatest(s.version, excluded.version) end`,
        [pattern, id, version],
      );
    }
  }

  private async insert(connection: EngineConnection, receiver: Receiver): Promise<number> {
    const { rows } = await connection.runUnprepared<{ id: number }>(
      `insert into ${this.names.receiver} (name) values ($1) returning id`,
      [receiver.id],
    );
    const row = rows[0];
    if (row === undefined) throw new Error('The registration returned no number.');
    return row.id;
  }

  private async revive(connection: EngineConnection, row: ReceiverRow, receiver: Receiver): Promise<number> {
    if (row.retired)
      this.logger.warn(`Receiver "${receiver.id}" was retired and is registered again, because this process has it.`);
    // A process of the previous deploy that still calls it by a former name leaves the new name in place.
    const rename = !knows(row, receiver.id);
    await connection.runUnprepared(
      `update ${this.names.receiver} set retired_at = null,
         name = case when $2 then $3 else name end, former_names = case when $2 then former_names || name else former_names end
       where id = $1`,
      [row.id, rename, receiver.id],
    );
    return row.id;
  }

  /** A name that was registered beside its alias: what it has still runs here, new events go to the one that stays. */
  private async mergeInto(connection: EngineConnection, row: ReceiverRow, receiver: Receiver): Promise<void> {
    this.logger.log(`Receiver "${row.name}" continues as "${receiver.id}".`);
    await connection.runUnprepared(
      `update ${this.names.receiver} set retired_at = coalesce(retired_at, now()) where id = $1`,
      [row.id],
    );
    await connection.runUnprepared(`delete from ${this.names.subscription} where receiver = $1`, [row.id]);
  }

  private async read(connection: EngineConnection): Promise<Registration> {
    const receivers = await connection.runUnprepared<ReceiverRow>(
      `select id, name, former_names, retired_at is not null as retired from ${this.names.receiver} order by id`,
    );
    const subscriptions = await connection.runUnprepared<SubscriptionRow>(
      `select pattern, receiver, version from ${this.names.subscription}`,
    );
    return { receivers: receivers.rows, subscriptions: subscriptions.rows };
  }
}

function knows(row: ReceiverRow, name: string): boolean {
  return row.name === name || row.former_names.includes(name);
}

/** The rows a receiver answers for: its own, those it knew under a former name, and those of its aliases. */
function rowsOf(receiver: Receiver, rows: readonly ReceiverRow[]): readonly ReceiverRow[] {
  return rows.filter((row) => knows(row, receiver.id) || receiver.aliases.some((alias) => knows(row, alias)));
}

function numbersOf(receivers: readonly Receiver[], { receivers: rows }: Registration): ReceiverNumbers {
  return new Map(receivers.flatMap((receiver) => rowsOf(receiver, rows).map((row) => [row.id, receiver] as const)));
}

function isRegistered(receiver: Receiver, current: Registration): boolean {
  const [row, ...others] = rowsOf(receiver, current.receivers).filter((candidate) => !candidate.retired);
  if (row === undefined || others.length > 0 || !knows(row, receiver.id)) return false;
  return receiver.subscriptions.every(({ pattern, version }) =>
    current.subscriptions.some(
      (subscription) =>
        subscription.receiver === row.id && subscription.pattern === pattern && covers(subscription.version, version),
    ),
  );
}

/** Whether the version on record says at least what a process declares. */
function covers(recorded: number | null, declared: number | null): boolean {
  return recorded === null || (declared !== null && recorded >= declared);
}
