import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { ReceiverNotFoundError } from '../../errors/receiver-not-found.error.js';
import type { KnownReceiver } from './known-receiver.js';
import {
  type KnownReceiverRow,
  receiversNamedStatement,
  receiversNumberedStatement,
} from './known-receivers.statements.js';

/** A receiver with the names it bore. */
export interface NamedReceiver extends KnownReceiver {
  readonly formerNames: readonly string[];
}

/** Finds registered receivers by their names. */
export class KnownReceiversStore {
  private readonly namedText: Statement;
  private readonly numberedText: Statement;

  constructor(names: TableNames) {
    this.namedText = receiversNamedStatement(names);
    this.numberedText = receiversNumberedStatement(names);
  }

  /**
   * The receivers a name stands for, those in use first: what a renamed one had is stored under several numbers.
   *
   * @throws ReceiverNotFoundError when there is none.
   */
  async named(connection: EngineConnection, name: string): Promise<readonly NamedReceiver[]> {
    const receivers = toReceivers((await connection.run<KnownReceiverRow>(this.namedText, [name])).rows);
    if (receivers.length === 0) throw new ReceiverNotFoundError(name);
    return receivers;
  }

  /** The receivers of some numbers, and those that continue what they were. */
  async numbered(connection: EngineConnection, numbers: readonly number[]): Promise<readonly NamedReceiver[]> {
    return toReceivers((await connection.run<KnownReceiverRow>(this.numberedText, [numbers])).rows);
  }
}

function toReceivers(rows: readonly KnownReceiverRow[]): NamedReceiver[] {
  return rows.map(({ receiver }) => JSON.parse(receiver) as NamedReceiver);
}
