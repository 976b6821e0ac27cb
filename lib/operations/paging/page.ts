/**
 * Which page of a list to read.
 *
 * @publicApi
 */
export interface PageOptions {
  /** `next` of the page before; left out for the first page. */
  readonly after?: string;
  /**
   * Items at most, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}

/**
 * Some items of a list.
 *
 * A page reads so much and no more, however large the tables are: with a filter that few items meet it may have fewer items than asked
 * for, even none, while `next` says that there is more to look through.
 *
 * @publicApi
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to read on from; `null` on the last page. */
  readonly next: string | null;
}

/**
 * How many there are, as far as was counted.
 *
 * @publicApi
 */
export interface CappedCount {
  readonly count: number;
  /** Whether there may be more than `count`: no more than 10,000 are looked at. */
  readonly capped: boolean;
}

const DEFAULT_LIMIT = 100;

/** Options that say which page; to be known beside those of a filter. */
export const PAGE_OPTIONS = ['after', 'limit'] as const;
/** Bounds of a page's size. */
export const PAGE_SIZE = { min: 1, max: 1_000 } as const;

/** Items a page has at most. */
export function pageSize({ limit = DEFAULT_LIMIT }: PageOptions): number {
  return limit;
}
