import { JobsError } from '../../errors/jobs.error.js';

/** How a worker's liveness is told by others. */
export type WorkerMode =
  /** A session's advisory lock, on a connection owned by a thread of its own. */
  | 'lock'
  /** The same lock, but on the main thread: a blocked event loop cannot take it again for a while, so others wait longer. */
  | 'main'
  /** A time in the worker's row, behind a pooler that gives no session of one's own. */
  | 'lease';

/** Timings of a session in milliseconds. Their order matters: gate < grace < beatDeadline <= stale < lease. */
export interface SessionSettings {
  /** At most this long between two proofs while nothing else is asked of the connection. */
  readonly beat: number;
  /** A statement of the protocol not answered for so long means that the connection is lost. */
  readonly beatDeadline: number;
  /** The same for a claim, which may have to look far. */
  readonly claimDeadline: number;
  /** The same for releasing a dead worker's deliveries, which reads the table once. */
  readonly releaseDeadline: number;
  /** A connection must be established within this time. */
  readonly connectDeadline: number;
  /** Pause between two attempts to connect, half more or less at random. */
  readonly retry: number;
  /** A run may start until this long after the sending of the last answered statement. */
  readonly gate: number;
  /** A lock seen free for so long belongs to a dead worker. */
  readonly grace: number;
  /** The same for a worker whose lock is held by its main thread. */
  readonly mainThreadGrace: number;
  /** Nobody is declared dead before the own connection stood this long: after a restart of the server every lock is free at first. */
  readonly restartGrace: number;
  /** A lock whose holder was silent for so long does not tell a dead process from a frozen one. */
  readonly stale: number;
  /** What a frozen or unreachable process is given before others take its deliveries. */
  readonly lease: number;
  /** What a worker behind a pooler is given; it is renewed at a sixth of it. */
  readonly poolerLease: number;
  /** The same when it is renewed from the main thread. */
  readonly mainThreadLease: number;
  /** A delivery interrupted so often becomes a dead letter. */
  readonly maxInterruptions: number;
  /** Stopping gives up waiting for the database after this time. */
  readonly stopDeadline: number;
  /** `auto` finds out whether a pooler stands in between; `lease` takes it for granted. */
  readonly proof: 'auto' | 'lease';
}

/** What holds in production. */
export const defaultSessionSettings: SessionSettings = {
  beat: 1000,
  beatDeadline: 3000,
  claimDeadline: 5000,
  releaseDeadline: 30_000,
  connectDeadline: 2000,
  retry: 150,
  gate: 1000,
  grace: 1200,
  mainThreadGrace: 75_000,
  restartGrace: 10_000,
  stale: 5000,
  lease: 60_000,
  poolerLease: 30_000,
  mainThreadLease: 120_000,
  maxInterruptions: 10,
  stopDeadline: 3000,
  proof: 'auto',
};

/**
 * Completes settings with the defaults.
 *
 * @throws JobsError when the timings are out of the order that keeps a living process from being overtaken.
 */
export function sessionSettings(given: Partial<SessionSettings> = {}): SessionSettings {
  // A setting that is there but undefined must not hide its default.
  const named = Object.fromEntries(Object.entries<unknown>(given).filter(([, value]) => value !== undefined));
  const settings: SessionSettings = { ...defaultSessionSettings, ...named };
  assertOrder(settings, ['gate', 'grace', 'lease']);
  assertOrder(settings, ['beat', 'beatDeadline', 'lease']);
  assertOrder(settings, ['beat', 'stale', 'lease']);
  assertOrder(settings, ['grace', 'mainThreadGrace']);
  return settings;
}

type Timing = Exclude<keyof SessionSettings, 'proof' | 'maxInterruptions'>;

function assertOrder(settings: SessionSettings, names: readonly Timing[]): void {
  names.slice(1).forEach((longer, index) => {
    const shorter = names[index];
    if (shorter === undefined || settings[shorter] < settings[longer]) return;
    throw new JobsError(
      `The worker's "${shorter}" (${settings[shorter]} ms) must be shorter than its "${longer}" (${settings[longer]} ms), ` +
        'or a living process could be taken for dead. Raise the second or lower the first.',
    );
  });
}
