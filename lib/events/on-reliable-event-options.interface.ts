import type { RetryOptions } from '../engine/receivers/retry-options.js';

/**
 * Has a transactional receiver share transactions: deliveries that wait run one after the other in one transaction and are committed together.
 *
 * @publicApi
 */
export interface GroupCommit {
  /** Most deliveries one transaction holds, 2 to 50. */
  readonly groupCommit: number;
}

/**
 * How a receiver is run. Decorators stacked on one method under one id are one receiver: what one of them says holds for all.
 *
 * @publicApi
 */
export interface OnReliableEventOptions {
  /**
   * Name of the receiver in the database, 1 to 200 printable characters. Keep it when the class or method is renamed.
   *
   * @default 'Class.method'
   */
  readonly id?: string;
  /**
   * Name of the data source whose events it receives, as given to `JobsModule.forRoot({ dataSource })`.
   *
   * @default 'default'
   */
  readonly dataSource?: string;
  /** Former ids of this receiver; its registration is renamed, so deliveries written under them arrive here. */
  readonly aliases?: readonly string[];
  /** Runs for events of this sender alone: those sent or emitted with the same `sender`. Others are done without it. */
  readonly sender?: string;
  readonly retry?: RetryOptions;
  /**
   * Time a run may take before it counts as failed and its signal aborts: milliseconds, or text such as `'30s'`; `false` for no limit.
   *
   * @default '30m'
   */
  readonly timeout?: number | string | false;
  /** Runs of this receiver at once in one process; at least 1. Left out, the worker's own limit holds. */
  readonly concurrency?: number;
  /**
   * Whether a transaction is opened for each run. The handler is given its `manager`; what it writes through that commits together with
   * the acknowledgement, or not at all.
   *
   * With `{ groupCommit: 50 }` up to so many deliveries that wait share one transaction and one commit, each in a savepoint of its own: many
   * times faster for short receivers that only write to the database. When the transaction cannot commit, each is run again alone, at no
   * attempt. Locks are held until the group commits, and the receiver runs once at a time in a process unless `concurrency` says otherwise.
   *
   * @default false
   */
  readonly transactional?: boolean | GroupCommit;
}
