/** A class of errors, abstract ones too. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/**
 * How failures of one receiver are retried.
 *
 * @publicApi
 */
export interface RetryOptions {
  /**
   * Failures after which the delivery becomes a dead letter; at least 1, which means no retry.
   *
   * @default 20
   */
  readonly attempts?: number;
  /**
   * How the delay grows: doubled after each failure, always the same, or computed in milliseconds from the number of the failure
   * (1 for the first) and its error. A computed delay that throws or is no number falls back to `exponential`.
   *
   * @default 'exponential'
   */
  readonly backoff?: 'exponential' | 'fixed' | ((attempt: number, error: unknown) => number);
  /**
   * Delay after the first failure: milliseconds, or text such as `'5s'`.
   *
   * @default '1s'
   */
  readonly delay?: number | string;
  /**
   * The longest delay, computed ones included: milliseconds, or text such as `'1h'`.
   *
   * @default '1h'
   */
  readonly maxDelay?: number | string;
  /**
   * Share of the delay, 0 to 1, by which it is moved at random, so that failures of one moment do not return in one moment.
   *
   * @default 0.2
   */
  readonly jitter?: number;
  /** Errors that make further runs pointless: classes, or a function that says so. The delivery becomes a dead letter at once. */
  readonly nonRetryable?: readonly ErrorClass[] | ((error: unknown) => boolean);
}
