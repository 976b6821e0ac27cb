/**
 * What can be wrong.
 *
 * @publicApi
 */
export type HealthCode =
  | 'database-unreachable'
  | 'entities-missing'
  | 'tables-missing'
  | 'schema-behind'
  | 'pool-too-small'
  | 'pool-exhausted'
  | 'horizon-held'
  | 'dead-rows'
  | 'no-live-worker'
  | 'notifications-missing'
  | 'deliveries-waiting'
  | 'deliveries-orphaned'
  | 'receivers-paused'
  | 'dead-letters'
  | 'clock-difference'
  | 'check-failed';

/**
 * `error` when deliveries are not made, or cannot be; `warning` when somebody should look.
 *
 * @publicApi
 */
export type HealthSeverity = 'warning' | 'error';

/**
 * Something that is wrong.
 *
 * @publicApi
 */
export interface HealthFinding {
  readonly code: HealthCode;
  readonly severity: HealthSeverity;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The same in numbers and names. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * What was looked at, and what was found.
 *
 * @publicApi
 */
export interface HealthReport {
  /** The worst of the findings; `ok` without any. */
  readonly status: 'ok' | HealthSeverity;
  readonly checkedAt: Date;
  readonly findings: readonly HealthFinding[];
}
