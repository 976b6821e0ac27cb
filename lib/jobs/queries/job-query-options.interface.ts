import type { Job } from '../model/job.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';
import type { JobSort } from './job-sorts.js';

/**
 * Which page of a list, and in which order.
 *
 * @publicApi
 */
export interface JobListOptions extends Pick<ChangeOptions, 'manager'> {
  /** @default 'newest' */
  readonly sort?: JobSort;
  /** `next` of the page before; left out for the first page. */
  readonly after?: string;
  /**
   * Jobs at most, 1 to 1000.
   *
   * @default 50
   */
  readonly limit?: number;
}

/**
 * Some jobs of a list.
 *
 * @publicApi
 */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** What to read on from, for the same filter and order; `null` on the last page. */
  readonly next: string | null;
}

/**
 * How far to count.
 *
 * @publicApi
 */
export interface JobCountOptions extends Pick<ChangeOptions, 'manager'> {
  /**
   * Where counting ends, 1 to 100000.
   *
   * @default 10000
   */
  readonly limit?: number;
}

/**
 * How many jobs there are.
 *
 * @publicApi
 */
export interface JobCount {
  /** The limit when there are more. */
  readonly count: number;
  /** Whether there are more: "10000+". */
  readonly capped: boolean;
}
