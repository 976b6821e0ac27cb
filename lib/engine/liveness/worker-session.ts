import type { ClaimedDelivery, ClaimKey } from '../deliveries/claimed-delivery.js';
import type { ReceiverControl } from '../receivers/receiver-control.js';

/** How many deliveries of one receiver a worker has room for. */
export interface ReceiverDemand {
  readonly receiver: number;
  readonly limit: number;
  /** Highest event version this process understands for the receiver. */
  readonly version: number;
}

/** What one claim brought. */
export interface ClaimAnswer {
  readonly deliveries: readonly ClaimedDelivery[];
  /** Milliseconds until the next delayed delivery of any receiver is due; `null` when nothing is delayed. */
  readonly nextDueIn: number | null;
}

/** What a session tells its worker; every method returns at once. */
export interface WorkerSessionListener {
  /** Something may be claimable: a notification came in, or work was released. */
  onWake(): void;
  /** Something was emitted lately, or a worker has come or gone, or it cannot be told: the safety net is to be drawn tight. */
  onStirred(): void;
  /** What operators decided about receivers; at first, and whenever it has changed. */
  onControls(controls: readonly ReceiverControl[]): void;
  /** The session is proven: the database knows this process lives. Comes after `start`, and again after each interruption. */
  onProven(): void;
  /** The connection is lost. Runs go on, nothing new may start. */
  onUnproven(): void;
  /** The process was declared dead while away: its claims belong to others now. A new identity follows with `onProven`. */
  onFenced(): void;
  /** Claims whose answer was lost on the way: they are this process's, and were never started. */
  onRecovered(deliveries: readonly ClaimedDelivery[]): void;
  /** The claims this process holds; asked for after a lost answer to tell recovered claims from known ones. */
  heldDeliveries(): readonly ClaimKey[];
  /** Something an operator should read. */
  onNotice(level: 'log' | 'warn' | 'error', message: string): void;
}

/**
 * A worker's identity in the database: it proves that the process lives, and claims on the same connection, so that a process whose
 * session is gone cannot claim.
 */
export interface WorkerSession {
  /** Number of this identity; `undefined` before the first proof. */
  readonly workerId: number | undefined;
  /** Registers a fresh identity and proves it. Rejects when the database cannot be reached at start. */
  start(listener: WorkerSessionListener): Promise<void>;
  /** Claims up to the demanded numbers; rejects when unproven or when the answer is lost. */
  claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer>;
  /** The start gate, asked synchronously before each run: whether the last proof is fresh enough. */
  isProven(): boolean;
  /** Whether notifications of other processes arrive; `false` behind a transaction pooler, where polling replaces them. */
  readonly hearsNotifications: boolean;
  /** Marks the identity as left and closes the connection; claims still held are released for others. */
  stop(): Promise<void>;
}
