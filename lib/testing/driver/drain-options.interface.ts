import type { DeliveredRun } from './delivered-run.js';

/**
 * How far a drain goes.
 *
 * @publicApi
 */
export interface DrainOptions {
  /** Asked after each run; what is left when it answers `true` waits for the next drain. */
  readonly until?: (run: DeliveredRun) => boolean | Promise<boolean>;
  /**
   * Whether to go on with what is due later, retries included: the clock is moved on to each of them in turn, and stays there.
   * Default: `false`.
   */
  readonly withDelayed?: boolean;
  /** Whether to run what receivers of this drain emitted. Default: `true`. */
  readonly recursion?: boolean;
  /** Most runs; one more is an error, since a cascade that never ends would be drained for ever. Default: 1000. */
  readonly limit?: number;
}
