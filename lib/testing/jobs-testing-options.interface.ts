/**
 * What becomes of deliveries in a test.
 *
 * - `inline`: receivers run when the transaction of the emitter has committed, one after the other; `await jobs.settled()` waits for them.
 * - `manual`: deliveries are written and wait until the test runs them, by `drain()` and `runNext()`.
 * - `recording`: nothing runs; the test looks at what was emitted and requested.
 *
 * @publicApi
 */
export type JobsTestingMode = 'inline' | 'manual' | 'recording';

/**
 * Options of `JobsTestingModule.forRoot`.
 *
 * @publicApi
 */
export interface JobsTestingOptions {
  /** Default: `manual`. */
  readonly mode?: JobsTestingMode;
}
