import type { SessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { Entry, EntryKind, EntryOf } from './entry.js';

/** What a receiver is to do about an emission, as it was planned when that was written. */
export interface PlannedReceiver {
  readonly receiver: string;
  /** `once` for effects in the delivery's transaction, `again` for those beside it. */
  readonly effect: 'once' | 'again';
  readonly fate: 'done' | 'dead';
}

/** A row that exists because the transaction which emitted committed. */
export interface Emission {
  readonly id: string;
  readonly workload: string;
  readonly receivers: readonly PlannedReceiver[];
}

export interface Effect {
  readonly emission: string;
  readonly receiver: string;
  readonly delivery: string;
  /** The boot that wrote it. */
  readonly process: string;
}

/** A step of one delivery, in the order in which they were taken. */
export interface Step {
  readonly delivery: string;
  readonly what: 'insert' | 'claim' | 'free' | 'change' | 'delete';
  readonly version: number;
  /** Whose claim it is, or was until this step. */
  readonly worker: number | null;
  readonly claims: number;
  readonly attempts: number;
  readonly interruptions: number;
  /** Monotonic milliseconds, as all times here. */
  readonly dueAt: number | null;
  readonly at: number;
}

/** One identity of a process as the engine recorded it. */
export interface WorkerRecord {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly startedAt: number;
}

/** That a worker was declared dead, or left. */
export interface WorkerEnd {
  readonly worker: number;
  readonly state: string;
  readonly at: number;
}

export interface StoredEventRecord {
  readonly id: string;
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface DeadLetterRecord {
  readonly delivery: string;
  readonly event: string;
  readonly kind: string;
  readonly reason: string;
}

/** Everything that was recorded of a run, for rules to judge. */
export interface History {
  readonly entries: readonly Entry[];
  readonly emissions: readonly Emission[];
  readonly effects: readonly Effect[];
  readonly steps: readonly Step[];
  readonly workers: readonly WorkerRecord[];
  readonly workerEnds: readonly WorkerEnd[];
  readonly events: readonly StoredEventRecord[];
  readonly deadLetters: readonly DeadLetterRecord[];
  /** Deliveries that were there at the end. */
  readonly left: readonly string[];
  /** Rows of the tables that workloads named, as the database has them. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** Version of the database server. */
  readonly server: string;
  /** What the engine promises to keep to. */
  readonly timings: SessionSettings;
}

/** Entries of one kind, in their order. */
export function entriesOf<Kind extends EntryKind>({ entries }: Pick<History, 'entries'>, kind: Kind): EntryOf<Kind>[] {
  return entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);
}

/** Groups items by a text. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
