import type { Duration } from '../../options/jobs-module-options.interface.js';

/**
 * What to prune.
 *
 * @publicApi
 */
export interface PruneOptions {
  /** Who acts. */
  readonly actor: string;
  /** Events emitted at least so long ago are pruned; 0 for all. */
  readonly olderThan: Duration;
  /**
   * Dead letters, discarded ones among them, that died at least so long ago are pruned; 0 for all.
   *
   * @default what `olderThan` is
   */
  readonly failedOlderThan?: Duration;
  /** Only dead letters of these receivers, and events that went to none but these; `*` in an id stands for any characters. */
  readonly receivers?: readonly string[];
  /**
   * Whether to count alone.
   *
   * @default false
   */
  readonly dryRun?: boolean;
  /** Ends it between two batches; what was pruned until then stays so. */
  readonly signal?: AbortSignal;
}

/**
 * How much was pruned, or with `dryRun` would be.
 *
 * @publicApi
 */
export interface PruneCounts {
  readonly events: number;
  readonly deadLetters: number;
}
