import type { Subscription } from './receiver.js';

/**
 * A receiver as the database knows it.
 *
 * @publicApi
 */
export interface RegisteredReceiver {
  readonly id: string;
  /** Names it was registered under before; a process of an earlier deploy finds it by them. */
  readonly formerNames: readonly string[];
  /** Names and wildcards it receives, each with the highest event version it understands; `null` for any. */
  readonly subscriptions: readonly Subscription[];
  readonly registeredAt: Date;
  /** Whether events are fanned out to it no longer. */
  readonly retired: boolean;
  /** `null` while it is not retired. */
  readonly retiredAt: Date | null;
  /** Whether nothing of it is run until it is resumed. */
  readonly paused: boolean;
  /** `null` while it is not paused. */
  readonly pausedAt: Date | null;
  /** Who paused it; `null` while it is not paused. */
  readonly pausedBy: string | null;
  /** Runs at once in each process, as an operator set it; `null` for what the code says. */
  readonly concurrency: number | null;
}
