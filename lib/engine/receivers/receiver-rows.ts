import type { Receiver } from './receiver.js';

/** A receiver as its table has it. */
export interface ReceiverRow {
  readonly id: number;
  readonly name: string;
  readonly former_names: readonly string[];
  readonly retired: boolean;
}

/** What a receiver listens to, as its table has it. */
export interface SubscriptionRow {
  readonly pattern: string;
  readonly receiver: number;
  readonly version: number | null;
}

/** Receivers by the number under which their deliveries are stored. */
export type ReceiverNumbers = ReadonlyMap<number, Receiver>;

/** The registered receivers, seen by a process that contains some of them. */
export class ReceiverRows {
  private readonly subscriptions = new Map<string, SubscriptionRow>();
  private readonly ids: ReadonlySet<string>;

  /** @param receivers all that the process contains: a row that bears the name of one is no other's, whatever it was called before. */
  constructor(
    private readonly rows: readonly ReceiverRow[],
    subscriptions: readonly SubscriptionRow[],
    private readonly receivers: readonly Receiver[],
  ) {
    for (const row of subscriptions) this.subscriptions.set(subscriptionKey(row.receiver, row.pattern), row);
    this.ids = new Set(receivers.map(({ id }) => id));
  }

  /** The row of a receiver; another name may stand on it. */
  rowOf(receiver: Receiver): ReceiverRow | undefined {
    const rows = this.answeredFor(receiver);
    const own = rows.filter((row) => knows(row, receiver.id));
    const isNamed = ({ name }: ReceiverRow): boolean => name === receiver.id;
    const inUse = own.filter(isInUse);
    return inUse.find(isNamed) ?? inUse[0] ?? own.find(isNamed) ?? own[0] ?? rows.find(isInUse) ?? rows[0];
  }

  /** Rows beside the receiver's own whose events go to it from now on: those of its aliases. */
  mergedBy(receiver: Receiver): readonly ReceiverRow[] {
    const own = this.rowOf(receiver);
    return this.answeredFor(receiver).filter((row) => row !== own && isInUse(row));
  }

  /**
   * Aliases of a receiver that its row does not know yet. A process that still has one of them as its receiver's id, and comes later, must
   * find that row although the alias was never registered here; what is the id of another receiver of this process is that one's.
   */
  unknownAliases(receiver: Receiver): readonly string[] {
    const own = this.rowOf(receiver);
    return receiver.aliases.filter((alias) => !this.ids.has(alias) && (own === undefined || !knows(own, alias)));
  }

  /** Whether nothing is to be written for a receiver. */
  isRegistered(receiver: Receiver): boolean {
    const own = this.rowOf(receiver);
    if (own === undefined || own.retired || !knows(own, receiver.id)) return false;
    if (this.mergedBy(receiver).length > 0 || this.unknownAliases(receiver).length > 0) return false;
    return receiver.subscriptions.every(({ pattern, version }) => {
      const recorded = this.subscriptions.get(subscriptionKey(own.id, pattern));
      return recorded !== undefined && covers(recorded.version, version);
    });
  }

  /** The numbers of everything the process's receivers answer for; what was retired may still have deliveries. */
  numbers(): ReceiverNumbers {
    return new Map(
      this.receivers.flatMap((receiver) => this.answeredFor(receiver).map((row) => [row.id, receiver] as const)),
    );
  }

  private answeredFor(receiver: Receiver): readonly ReceiverRow[] {
    return this.rows.filter((row) => {
      if (row.name !== receiver.id && this.ids.has(row.name)) return false;
      return knows(row, receiver.id) || receiver.aliases.some((alias) => knows(row, alias));
    });
  }
}

/** Whether a row bears a name, or did once. */
export function knows(row: ReceiverRow, name: string): boolean {
  return row.name === name || row.former_names.includes(name);
}

function isInUse(row: ReceiverRow): boolean {
  return !row.retired;
}

function subscriptionKey(receiver: number, pattern: string): string {
  return `${receiver} ${pattern}`;
}

/** Whether the version on record says at least what a process declares. */
function covers(recorded: number | null, declared: number | null): boolean {
  return recorded === null || (declared !== null && recorded >= declared);
}
