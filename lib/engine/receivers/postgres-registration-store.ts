import { Logger } from '@nestjs/common';

import type { EngineConnection } from '../database/engine-connection.js';
import type { EngineDatabase } from '../database/engine-database.js';
import type { TableNames } from '../schema/table-names.js';
import type { Receiver } from './receiver.js';
import { knows, type ReceiverNumbers, type ReceiverRow, ReceiverRows, type SubscriptionRow } from './receiver-rows.js';
import { RegistrationStore } from './registration-store.port.js';
import type { RegisteredReceiver } from './registered-receiver.js';

interface ListedRow {
  readonly name: string;
  readonly former_names: readonly string[];
  readonly registered_at: number;
  readonly retired_at: number | null;
  readonly paused_at: number | null;
  readonly paused_by: string | null;
  readonly concurrency: number | null;
  readonly subscriptions: RegisteredReceiver['subscriptions'];
}

/**
 * Keeps which receivers exist and what they listen to. The emit statement fans out by it, so a receiver is heard of by every process
 * as soon as it is registered by one, and until it is retired.
 */
export class PostgresRegistrationStore extends RegistrationStore {
  private readonly logger = new Logger('JobsModule');

  constructor(
    private readonly database: EngineDatabase,
    private readonly names: TableNames,
  ) {
    super();
  }

  /** Registers receivers and their subscriptions, and answers with their numbers. What is registered already is not written. */
  async register(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    if (receivers.length === 0) return new Map();
    const current = await this.read(this.database.connection, receivers);
    if (receivers.every((receiver) => current.isRegistered(receiver))) return current.numbers();
    return this.database.transaction(async (connection) => {
      // Replicas that boot together take turns; readers and emitters go on.
      await connection.runUnprepared(`lock table ${this.names.receiver} in share row exclusive mode`);
      for (const receiver of receivers) {
        const rows = await this.read(connection, receivers);
        if (!rows.isRegistered(receiver)) await this.registerOne(connection, receiver, rows);
      }
      return (await this.read(connection, receivers)).numbers();
    });
  }

  /** The numbers of those receivers that are registered; nothing is written. */
  async find(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    return (await this.read(this.database.connection, receivers)).numbers();
  }

  /**
   * Ends the fan-out to a receiver, in the transaction of the connection. Deliveries it has still run where it exists.
   *
   * @returns whether a receiver of that id was registered.
   */
  async retire(connection: EngineConnection, id: string): Promise<boolean> {
    const { rows } = await connection.runUnprepared<{ id: number }>(
      `update ${this.names.receiver} set retired_at = coalesce(retired_at, now()) where name = $1 returning id`,
      [id],
    );
    const row = rows[0];
    if (row === undefined) return false;
    await this.unsubscribe(connection, row.id);
    return true;
  }

  /** Registered receivers in the order of their names, from the one behind `after` on. */
  async list(after: string | undefined, limit: number): Promise<readonly RegisteredReceiver[]> {
    const { rows } = await this.database.connection.runUnprepared<ListedRow>(
      `select r.name, r.former_names, ${milliseconds('r.registered_at')} as registered_at, ${milliseconds('r.retired_at')} as retired_at,
         ${milliseconds('r.paused_at')} as paused_at, r.paused_by, r.concurrency,
         (select coalesce(json_agg(json_build_object('pattern', s.pattern, 'version', s.version) order by s.pattern), '[]')
          from ${this.names.subscription} s where s.receiver = r.id) as subscriptions
       from ${this.names.receiver} r where $1::text is null or r.name > $1 order by r.name limit $2`,
      [after, limit],
    );
    return rows.map(toRegistered);
  }

  private async registerOne(connection: EngineConnection, receiver: Receiver, rows: ReceiverRows): Promise<void> {
    const own = rows.rowOf(receiver);
    const id =
      own === undefined ? await this.insert(connection, receiver) : await this.revive(connection, own, receiver);
    for (const row of rows.mergedBy(receiver)) await this.mergeInto(connection, id, row, receiver);
    await this.addFormerNames(connection, id, rows.unknownAliases(receiver));
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
    await this.forgetFormerName(connection, row.id, receiver.id);
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
    if (rename || row.name === receiver.id) await this.forgetFormerName(connection, row.id, receiver.id);
    return row.id;
  }

  /** A name that another receiver bore once, and that now is this one's. */
  private async forgetFormerName(connection: EngineConnection, id: number, name: string): Promise<void> {
    await connection.runUnprepared(
      `update ${this.names.receiver} set former_names = array_remove(former_names, $2) where id <> $1 and $2 = any (former_names)`,
      [id, name],
    );
  }

  /**
   * A name that was registered beside its alias: what it has still runs here, new events go to the one that stays. A process that
   * still calls it by that name finds the one that stays, too, and so does not bring the other one back.
   */
  private async mergeInto(
    connection: EngineConnection,
    id: number,
    row: ReceiverRow,
    receiver: Receiver,
  ): Promise<void> {
    this.logger.log(`Receiver "${row.name}" continues as "${receiver.id}".`);
    await connection.runUnprepared(
      `update ${this.names.receiver} set retired_at = coalesce(retired_at, now()) where id = $1`,
      [row.id],
    );
    await this.addFormerNames(connection, id, [row.name, ...row.former_names]);
    await this.unsubscribe(connection, row.id);
  }

  private async addFormerNames(connection: EngineConnection, id: number, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await connection.runUnprepared(
      `update ${this.names.receiver} set former_names = former_names ||
         array(select n from unnest($2::text[]) n where n <> name and n <> all (former_names)) where id = $1`,
      [id, names],
    );
  }

  private async unsubscribe(connection: EngineConnection, id: number): Promise<void> {
    await connection.runUnprepared(`delete from ${this.names.subscription} where receiver = $1`, [id]);
  }

  private async read(connection: EngineConnection, receivers: readonly Receiver[]): Promise<ReceiverRows> {
    const rows = await connection.runUnprepared<ReceiverRow>(
      `select id, name, former_names, retired_at is not null as retired from ${this.names.receiver} order by id`,
    );
    const subscriptions = await connection.runUnprepared<SubscriptionRow>(
      `select pattern, receiver, version from ${this.names.subscription}`,
    );
    return new ReceiverRows(rows.rows, subscriptions.rows, receivers);
  }
}

function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

function toRegistered(row: ListedRow): RegisteredReceiver {
  return {
    id: row.name,
    formerNames: row.former_names,
    subscriptions: row.subscriptions,
    registeredAt: new Date(row.registered_at),
    retired: row.retired_at !== null,
    retiredAt: row.retired_at === null ? null : new Date(row.retired_at),
    paused: row.paused_at !== null,
    pausedAt: row.paused_at === null ? null : new Date(row.paused_at),
    pausedBy: row.paused_by,
    concurrency: row.concurrency,
  };
}
