/**
 * `live`; `silent` when it has given no sign of life for so long that it may be gone, while no other worker has said so; `left` when it
 * stopped; `dead` when another worker found it gone.
 *
 * @publicApi
 */
export type WorkerProcessState = 'live' | 'silent' | 'left' | 'dead';

/**
 * One start of one process that works. Processes that only emit are not among them.
 *
 * @publicApi
 */
export interface WorkerProcess {
  readonly id: string;
  readonly host: string;
  /** Number of the process on its host. */
  readonly pid: number;
  readonly state: WorkerProcessState;
  /** How it proves to live: by a connection of its own, served by a thread or by the main thread, or behind a pooler by a lease. */
  readonly proof: 'thread' | 'main-thread' | 'lease';
  /** What it was given as `worker.label`; `null` without. */
  readonly label: string | null;
  /** Version of this package; `null` while it has not said so. */
  readonly packageVersion: string | null;
  /** What the application gave as `appVersion`; `null` without. */
  readonly appVersion: string | null;
  /** Ids of the receivers it has. */
  readonly receivers: readonly string[];
  /** Deliveries it ran when it last said so, up to ten seconds ago; 0 once it has ended. */
  readonly inFlight: number;
  readonly startedAt: Date;
  /** Its last sign of life; one that lives gives one each ten seconds, or six in a lease. */
  readonly lastSeenAt: Date;
}
