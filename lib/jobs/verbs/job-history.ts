import type { JobHistoryEntry } from '../model/job-history-entry.js';
import { idOf, type JobChanges } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import type { ChangeOptions, JobReference } from './job-options.interface.js';

/**
 * Which part of a job's history to read.
 *
 * @publicApi
 */
export interface JobHistoryOptions extends Pick<ChangeOptions, 'manager'> {
  /**
   * Which entries come first.
   *
   * @default 'oldest'
   */
  readonly order?: 'oldest' | 'newest';
  /** `next` of the page before; left out for the first page. */
  readonly after?: string;
  /**
   * Entries at most, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}

/**
 * Some entries of a job's history.
 *
 * @publicApi
 */
export interface JobHistoryPage {
  readonly entries: readonly JobHistoryEntry[];
  /** What to read on from; `null` on the last page. */
  readonly next: string | null;
}

const DEFAULT_LIMIT = 100;
const MOST = 1_000;
const POSITION = /^\d{1,18}$/;

/** Reads what happened to jobs. */
export class JobHistory {
  constructor(private readonly changes: JobChanges) {}

  /** @param what everything, or comments alone. */
  async read(
    what: 'history' | 'comments',
    reference: JobReference,
    options: JobHistoryOptions,
  ): Promise<JobHistoryPage> {
    const checks = new JobChecks(what);
    checks.options(options, ['manager', 'order', 'after', 'limit']);
    const { after } = options;
    const order = checks.oneOf('order', options.order ?? 'oldest', ['oldest', 'newest']);
    const limit = checks.integer('limit', options.limit ?? DEFAULT_LIMIT, { min: 1, max: MOST });
    if (after !== undefined && (typeof after !== 'string' || !POSITION.test(after))) {
      throw checks.invalid('after', 'what a page gave as next', after);
    }
    const id = idOf(reference);
    if (id === undefined) return { entries: [], next: null };
    return this.changes.reading(options, async (connection) => {
      const page = { what, order, after: after ?? null, limit: limit + 1 };
      const entries = await this.changes.store.history(connection, id, page);
      if (entries.length <= limit) return { entries, next: null };
      return { entries: entries.slice(0, limit), next: entries[limit - 1]?.id ?? null };
    });
  }
}
