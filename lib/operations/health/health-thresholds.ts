import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { OptionChecks } from '../../options/option-checks.js';

/**
 * From when on something counts as wrong.
 *
 * @publicApi
 */
export interface HealthOptions {
  /**
   * How long a delivery may be ready without being taken.
   *
   * @default '5m'
   */
  readonly waiting?: Duration;
  /**
   * How old a transaction may be that keeps dead rows from being vacuumed.
   *
   * @default '10m'
   */
  readonly heldHorizon?: Duration;
  /**
   * How many dead rows one of the tables may have.
   *
   * @default 50000
   */
  readonly deadRows?: number;
  /**
   * Within which time dead letters count as new.
   *
   * @default '1h'
   */
  readonly deadLettersWithin?: Duration;
  /**
   * How far the clocks of this process and of the database may be apart.
   *
   * @default '5s'
   */
  readonly clockDifference?: Duration;
  /**
   * How long each look at the database may take.
   *
   * @default '5s'
   */
  readonly timeout?: Duration;
}

/** The same with defaults, durations in milliseconds. */
export type HealthThresholds = { readonly [Name in keyof Required<HealthOptions>]: number };

const DEFAULTS = {
  waiting: '5m',
  heldHorizon: '10m',
  deadRows: 50_000,
  deadLettersWithin: '1h',
  clockDifference: '5s',
  timeout: '5s',
} as const;

/** Longest time a look may take, in milliseconds: a probe that hangs is worse than one that fails. */
const LONGEST_TIMEOUT = 60_000;

/** @throws InvalidOptionError, UnknownOptionError, DurationError naming the option. */
export function resolveThresholds(options: HealthOptions, checks: OptionChecks): HealthThresholds {
  checks.object('', options, Object.keys(DEFAULTS));
  const given = {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  return {
    waiting: checks.duration('waiting', given.waiting),
    heldHorizon: checks.duration('heldHorizon', given.heldHorizon),
    deadRows: checks.integer('deadRows', given.deadRows, { min: 0 }),
    deadLettersWithin: checks.duration('deadLettersWithin', given.deadLettersWithin),
    clockDifference: checks.duration('clockDifference', given.clockDifference),
    timeout: checks.duration('timeout', given.timeout, { min: 10, max: LONGEST_TIMEOUT }),
  };
}
