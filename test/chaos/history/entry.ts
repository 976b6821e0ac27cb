/** What a process, or whoever runs them, wrote down. */
export type EntryBody =
  /** What the wall clock showed at this moment, by which the database's times are translated. */
  | { readonly kind: 'clock'; readonly wall: number }
  | { readonly kind: 'process.started'; readonly role: string; readonly deployment: string; readonly pid: number }
  /** It works from now on. */
  | { readonly kind: 'process.ready' }
  /** `expected` when it was killed, told to stop, or did not get as far as being ready. */
  | { readonly kind: 'process.ended'; readonly how: string; readonly expected: boolean }
  /** `target` is a process, or empty when it hits all of them. */
  | { readonly kind: 'fault.struck'; readonly fault: string; readonly strike: number; readonly target: string }
  | { readonly kind: 'fault.healed'; readonly fault: string; readonly strike: number; readonly target: string }
  | { readonly kind: 'fault.failed'; readonly fault: string; readonly strike: number; readonly error: string }
  | { readonly kind: 'phase'; readonly phase: 'chaos' | 'drain' | 'drained' | 'not drained' }
  | { readonly kind: 'emit.attempted'; readonly emission: string; readonly intent: 'commit' | 'rollback' }
  | { readonly kind: 'emit.told'; readonly emission: string; readonly outcome: 'committed' | 'failed' }
  | {
      readonly kind: 'run.began';
      readonly run: string;
      readonly emission: string;
      readonly receiver: string;
      readonly delivery: string;
      readonly attempt: number;
    }
  | { readonly kind: 'run.ended'; readonly run: string; readonly how: 'returned' | 'threw' }
  /** The engine said that a run had failed. */
  | {
      readonly kind: 'run.failed';
      readonly delivery: string;
      readonly attempt: number;
      readonly outcome: string;
      readonly error: string;
    }
  /** Not even a thread of the process got to run. */
  | { readonly kind: 'silence'; readonly from: number }
  | { readonly kind: 'notice'; readonly level: string; readonly message: string };

/** One line of the history. */
export type Entry = EntryBody & {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** One boot of a process, such as `worker-1.3`. */
  readonly process: string;
};

export type EntryKind = Entry['kind'];
export type EntryOf<Kind extends EntryKind> = Extract<Entry, { readonly kind: Kind }>;
