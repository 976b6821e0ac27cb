import type { Job } from '../model/job.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';
import type { Principal } from '../model/principal.js';
import type { JobFacet } from './job-facets.js';
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

/**
 * How far facets go.
 *
 * @publicApi
 */
export interface JobFacetOptions extends JobCountOptions {
  /**
   * Values of each facet at most, the most frequent ones; 1 to 1000.
   *
   * @default 100
   */
  readonly values?: number;
}

/**
 * How many jobs have which values.
 *
 * @publicApi
 */
export interface JobFacets<Facet extends JobFacet = JobFacet> {
  /** By facet its values, most frequent first; null stands for jobs without one. */
  readonly facets: { readonly [Name in Facet]: readonly JobFacetCount[] };
  /** How many jobs were looked at. */
  readonly counted: number;
  /** Whether there are more, so that the counts are those of some of the jobs alone. */
  readonly capped: boolean;
}

/**
 * How many jobs have one value.
 *
 * @publicApi
 */
export interface JobFacetCount {
  readonly value: string | null;
  readonly count: number;
}

/**
 * How many jobs are one actor's.
 *
 * @publicApi
 */
export interface JobBadge extends JobCount {
  readonly actor: Principal;
}

/**
 * Which jobs to stream, and in which order.
 *
 * @publicApi
 */
export interface JobStreamOptions {
  /** @default 'newest' */
  readonly sort?: JobSort;
  /** Jobs at most; all of them unless given. */
  readonly limit?: number;
  /** Ends the stream before its next page. */
  readonly signal?: AbortSignal;
}

/**
 * How to write jobs out.
 *
 * @publicApi
 */
export interface JobExportOptions extends JobStreamOptions {
  /** One JSON object a line, or comma-separated values with a line of names. */
  readonly format: 'ndjson' | 'csv';
}
