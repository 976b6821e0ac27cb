import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import { matchesReceiver } from '../../engine/receivers/receiver-selection.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { ReceiverNotFoundError } from '../../errors/receiver-not-found.error.js';
import type { KnownReceiver } from './known-receiver.js';
import {
  allReceiversStatement,
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
  private readonly allText: Statement;

  constructor(names: TableNames) {
    this.namedText = receiversNamedStatement(names);
    this.numberedText = receiversNumberedStatement(names);
    this.allText = allReceiversStatement(names);
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

  /**
   * The receivers that ids stand for, `*` in one standing for any characters; by names they bore, too.
   *
   * @throws ReceiverNotFoundError when one of the ids stands for none.
   */
  async matching(connection: EngineConnection, patterns: readonly string[]): Promise<readonly NamedReceiver[]> {
    const all = toReceivers((await connection.run<KnownReceiverRow>(this.allText, [])).rows);
    const meant = (pattern: string, { name, formerNames }: NamedReceiver): boolean =>
      [name, ...formerNames].some((one) => matchesReceiver(pattern, one));
    for (const pattern of patterns) {
      if (pattern !== '*' && !all.some((receiver) => meant(pattern, receiver)))
        throw new ReceiverNotFoundError(pattern);
    }
    return all.filter((receiver) => patterns.some((pattern) => meant(pattern, receiver)));
  }

  /** The receivers of some numbers, and those that continue what they were. */
  async numbered(connection: EngineConnection, numbers: readonly number[]): Promise<readonly NamedReceiver[]> {
    return toReceivers((await connection.run<KnownReceiverRow>(this.numberedText, [numbers])).rows);
  }
}

function toReceivers(rows: readonly KnownReceiverRow[]): NamedReceiver[] {
  return rows.map(({ receiver }) => JSON.parse(receiver) as NamedReceiver);
}
