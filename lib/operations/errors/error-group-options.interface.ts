import type { PageOptions } from '../paging/page.js';

/**
 * Which errors to list.
 *
 * @publicApi
 */
export interface ErrorGroupOptions extends PageOptions {
  /** Id of a receiver; left out for all. */
  readonly receiver?: string;
}
