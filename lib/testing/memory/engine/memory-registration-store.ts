import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import {
  knows,
  type ReceiverNumbers,
  type ReceiverRow,
  ReceiverRows,
} from '../../../engine/receivers/receiver-rows.js';
import type { Receiver } from '../../../engine/receivers/receiver.js';
import type { RegisteredReceiver } from '../../../engine/receivers/registered-receiver.js';
import { RegistrationStore } from '../../../engine/receivers/registration-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryReceiver } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compare } from './memory-order.js';

const REGISTRATION = 'registration';

/** Keeps in memory which receivers exist and what they listen to. */
export class MemoryRegistrationStore extends RegistrationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async register(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    if (receivers.length === 0) return new Map();
    return this.database.transaction(async (transaction) => {
      await transaction.lock(REGISTRATION);
      for (const receiver of receivers) {
        const rows = this.read(transaction, receivers);
        if (!rows.isRegistered(receiver)) this.registerOne(transaction, receiver, rows);
      }
      return this.read(transaction, receivers).numbers();
    });
  }

  find(receivers: readonly Receiver[]): Promise<ReceiverNumbers> {
    return this.database.transaction((transaction) => this.read(transaction, receivers).numbers());
  }

  retire(connection: EngineConnection, id: string): Promise<boolean> {
    return this.database.run(connection, (transaction) => {
      const row = transaction.all(this.database.receivers).find(({ name }) => name === id);
      if (row === undefined) return false;
      this.retireRow(transaction, row);
      return true;
    });
  }

  list(after: string | undefined, limit: number): Promise<readonly RegisteredReceiver[]> {
    return this.database.transaction((transaction) =>
      transaction
        .all(this.database.receivers)
        .filter(({ name }) => after === undefined || name > after)
        .sort((a, b) => compare(a.name, b.name))
        .slice(0, limit)
        .map((row) => this.toRegistered(transaction, row)),
    );
  }

  private registerOne(transaction: MemoryTransaction, receiver: Receiver, rows: ReceiverRows): void {
    const own = rows.rowOf(receiver);
    const number = own === undefined ? this.insert(transaction, receiver) : this.revive(transaction, own, receiver);
    for (const row of rows.mergedBy(receiver)) this.mergeInto(transaction, number, row);
    this.addFormerNames(transaction, number, rows.unknownAliases(receiver));
    for (const { pattern, version } of receiver.subscriptions) {
      const key = `${number} ${pattern}`;
      const recorded = transaction.find(this.database.subscriptions, key);
      transaction.put(this.database.subscriptions, key, {
        pattern,
        receiver: number,
        version: recorded === undefined ? version : highest(recorded.version, version),
      });
    }
  }

  private insert(transaction: MemoryTransaction, { id }: Receiver): number {
    const number = Number(this.database.next('receiver'));
    transaction.put(this.database.receivers, String(number), {
      number,
      name: id,
      formerNames: [],
      registeredAt: this.database.clock.now(),
      retiredAt: null,
      pausedAt: null,
      pausedBy: null,
      concurrency: null,
    });
    this.forgetFormerName(transaction, number, id);
    return number;
  }

  private revive(transaction: MemoryTransaction, row: ReceiverRow, { id }: Receiver): number {
    const rename = !knows(row, id);
    this.change(transaction, row.id, ({ name, formerNames }) => ({
      retiredAt: null,
      ...(rename ? { name: id, formerNames: [...formerNames, name] } : {}),
    }));
    if (rename || row.name === id) this.forgetFormerName(transaction, row.id, id);
    return row.id;
  }

  private mergeInto(transaction: MemoryTransaction, number: number, row: ReceiverRow): void {
    this.addFormerNames(transaction, number, [row.name, ...row.former_names]);
    const merged = transaction.find(this.database.receivers, String(row.id));
    if (merged !== undefined) this.retireRow(transaction, merged);
  }

  private addFormerNames(transaction: MemoryTransaction, number: number, names: readonly string[]): void {
    this.change(transaction, number, ({ name, formerNames }) => ({
      formerNames: [...formerNames, ...names.filter((other) => other !== name && !formerNames.includes(other))],
    }));
  }

  private forgetFormerName(transaction: MemoryTransaction, number: number, name: string): void {
    for (const row of transaction.all(this.database.receivers)) {
      if (row.number === number || !row.formerNames.includes(name)) continue;
      this.change(transaction, row.number, ({ formerNames }) => ({
        formerNames: formerNames.filter((former) => former !== name),
      }));
    }
  }

  private retireRow(transaction: MemoryTransaction, { number }: MemoryReceiver): void {
    this.change(transaction, number, ({ retiredAt }) => ({ retiredAt: retiredAt ?? this.database.clock.now() }));
    for (const { receiver, pattern } of transaction.all(this.database.subscriptions)) {
      if (receiver === number) transaction.put(this.database.subscriptions, `${number} ${pattern}`, undefined);
    }
  }

  private change(
    transaction: MemoryTransaction,
    number: number,
    changeOf: (row: MemoryReceiver) => Partial<MemoryReceiver>,
  ): void {
    const row = transaction.find(this.database.receivers, String(number));
    if (row !== undefined) transaction.put(this.database.receivers, String(number), { ...row, ...changeOf(row) });
  }

  private read(transaction: MemoryTransaction, receivers: readonly Receiver[]): ReceiverRows {
    const rows = transaction.all(this.database.receivers).map(({ number, name, formerNames, retiredAt }) => ({
      id: number,
      name,
      former_names: formerNames,
      retired: retiredAt !== null,
    }));
    return new ReceiverRows(rows, transaction.all(this.database.subscriptions), receivers);
  }

  private toRegistered(transaction: MemoryTransaction, { number, name, ...row }: MemoryReceiver): RegisteredReceiver {
    const subscriptions = transaction
      .all(this.database.subscriptions)
      .filter(({ receiver }) => receiver === number)
      .map(({ pattern, version }) => ({ pattern, version }))
      .sort((a, b) => compare(a.pattern, b.pattern));
    return { ...row, id: name, subscriptions, retired: row.retiredAt !== null, paused: row.pausedAt !== null };
  }
}

function highest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
