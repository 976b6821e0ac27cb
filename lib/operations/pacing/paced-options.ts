import type { ActionOptions } from '../deliveries/deliveries.service.js';
import type { OperationChecks } from '../operation-checks.js';

/**
 * How much of a large action to do in one call, and how fast.
 *
 * @publicApi
 */
export interface PacedOptions extends ActionOptions {
  /**
   * Deliveries at most, 1 to 1,000,000; `next` of the answer goes on.
   *
   * @default 10000
   */
  readonly limit?: number;
  /** Deliveries a second at most, above 0; left out for as fast as they can be written. */
  readonly rate?: number;
  /** `next` of the call before; left out to begin. */
  readonly after?: string;
  /**
   * Tells what would be done, and does nothing.
   *
   * @default false
   */
  readonly dryRun?: boolean;
  /** Ends the call early, between two batches; its answer says how far it came. */
  readonly signal?: AbortSignal;
}

/** The same with its defaults. */
export interface CheckedPace {
  readonly actor: string;
  readonly limit: number;
  readonly rate: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Options of a paced action. */
export const PACED_OPTIONS = ['actor', 'limit', 'rate', 'after', 'dryRun', 'signal'] as const;

const DEFAULT_LIMIT = 10_000;
const LIMIT = { min: 1, max: 1_000_000 } as const;
const RATE = { min: 0.001, max: 1_000_000 } as const;

/** @throws InvalidOptionError naming the option. */
export function checkPace(options: PacedOptions, checks: OperationChecks): CheckedPace {
  const { limit = DEFAULT_LIMIT, rate, dryRun = false, signal } = options;
  return {
    actor: checks.actor(options.actor),
    limit: checks.integer('limit', limit, LIMIT),
    rate: rate === undefined ? Infinity : checks.number('rate', rate, RATE),
    dryRun: checks.boolean('dryRun', dryRun),
    signal: checks.signal(signal),
  };
}
