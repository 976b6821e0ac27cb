import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Job } from '../model/job.js';
import { toJob } from '../store/job-row.js';
import type { JobRowText } from '../store/job.statements.js';
import type { ChangeOptions } from '../verbs/job-options.interface.js';
import type { JobChanges } from '../verbs/job-changes.js';
import { JobChecks } from '../verbs/job-checks.js';
import { type CheckedJobFilter, statusesOf } from './checked-job-filter.js';
import type { JobCursors } from './job-cursors.js';
import { JobFilterReader } from './job-filter-reader.js';
import type { JobFacet } from './job-facets.js';
import type { JobFacets, JobListOptions, JobPage, JobStreamOptions } from './job-query-options.interface.js';
import type { JobQueryStore } from './job-query.store.js';
import type { JobPosition } from './job-page.statements.js';
import { JOB_SORTS, type JobSort, sortOf } from './job-sorts.js';

const DEFAULT_LIMIT = 50;
const MOST = 1_000;
/** How many pages of jobs that must not be seen are gone through for one page. */
const ROUNDS = 10;
/** Jobs of a stream that are read at once. */
const PAGE = 200;
const SORTS = Object.keys(JOB_SORTS) as JobSort[];

/** A list of jobs whose filter and order are checked. */
export interface JobList {
  readonly filter: CheckedJobFilter;
  readonly sort: JobSort;
}

/** Jobs of a list from some place on, and the place of each. */
export interface JobSlice {
  readonly jobs: readonly Job[];
  readonly positions: readonly JobPosition[];
  /** Whether there are more behind them. */
  readonly more: boolean;
}

/** What all queries of jobs share: reading filters, and reading lists in slices. */
export class JobReading {
  constructor(
    readonly changes: JobChanges,
    readonly store: JobQueryStore,
    private readonly cursors: JobCursors,
  ) {}

  /** @throws InvalidOptionError, UnknownOptionError, DurationError, PayloadError, JobsError naming the path of the field. */
  filter(place: string, filter: unknown): CheckedJobFilter {
    return new JobFilterReader(place, this.changes.types, this.changes.targets).read(filter);
  }

  /** A list of the jobs that meet a filter. */
  list(checks: JobChecks, filter: unknown, order: unknown): JobList {
    const sort = checks.oneOf('sort', order ?? 'newest', SORTS);
    const checked = this.filter(checks.place, filter);
    const { only } = sortOf(sort);
    if (only !== undefined && statusesOf(checked).some((status) => !only.includes(status))) {
      const remedy = only.map((status) => `'${status}'`).join(', ');
      throw checks.invalid(
        'sort',
        `another order, or the filter must say status: [${remedy}] because only such jobs have it`,
        sort,
      );
    }
    return { filter: checked, sort };
  }

  /**
   * One page of a list.
   *
   * @param sees drops jobs that must not be seen; the page is filled up with those behind them, as far as it goes.
   */
  async page(
    checks: JobChecks,
    list: JobList,
    { after, limit: asked, manager }: JobListOptions,
    sees?: (job: Job) => Promise<boolean>,
  ): Promise<JobPage> {
    const limit = checks.integer('limit', asked ?? DEFAULT_LIMIT, { min: 1, max: MOST });
    return this.changes.reading({ manager }, async (connection) => {
      const name = JSON.stringify(list);
      let place = after === undefined ? undefined : await this.cursors.read(checks.place, name, after);
      const jobs: Job[] = [];
      for (let rounds = 0; rounds < (sees === undefined ? 1 : ROUNDS); rounds += 1) {
        const slice = await this.slice(connection, list, place, limit);
        for (const [index, job] of slice.jobs.entries()) {
          place = slice.positions[index];
          if (sees !== undefined && !(await sees(job))) continue;
          jobs.push(job);
          const isLast = !slice.more && index === slice.jobs.length - 1;
          if (jobs.length === limit) return { jobs, next: isLast ? null : await this.next(name, place) };
        }
        if (!slice.more) return { jobs, next: null };
      }
      return { jobs, next: await this.next(name, place) };
    });
  }

  /**
   * All jobs of a list, read in pages, each by a statement of its own. `limit` bounds how many are looked at.
   */
  async *all(
    list: JobList,
    { limit = Infinity, signal, manager }: Pick<JobStreamOptions, 'limit' | 'signal'> & Pick<ChangeOptions, 'manager'>,
  ): AsyncGenerator<Job> {
    let place: JobPosition | undefined;
    for (let left = limit; left > 0; left -= PAGE) {
      signal?.throwIfAborted();
      const slice = await this.changes.reading({ manager }, (connection) =>
        this.slice(connection, list, place, Math.min(PAGE, left)),
      );
      yield* slice.jobs;
      place = slice.positions.at(-1);
      if (!slice.more) return;
    }
  }

  /** How many jobs have which values, of at most `limit` jobs. */
  async facets<Facet extends JobFacet>(
    facets: readonly Facet[],
    filter: CheckedJobFilter,
    { limit, values, manager }: { readonly limit: number; readonly values: number } & Pick<ChangeOptions, 'manager'>,
  ): Promise<JobFacets<Facet>> {
    // The one beyond the limit tells that there are more, and is counted with them.
    const rows = await this.changes.reading({ manager }, (connection) =>
      this.store.facets(connection, filter, facets, { limit: limit + 1, values }),
    );
    const counted = Number(rows.find(({ facet }) => facet === '')?.count);
    const counts = facets.map((name) => [
      name,
      rows.filter(({ facet }) => facet === name).map(({ value, count }) => ({ value, count: Number(count) })),
    ]);
    return {
      facets: Object.fromEntries(counts) as JobFacets<Facet>['facets'],
      counted,
      capped: counted > limit,
    };
  }

  /** Some jobs of a list from behind a place on. */
  async slice(
    connection: EngineConnection,
    { filter, sort }: JobList,
    after: JobPosition | undefined,
    limit: number,
  ): Promise<JobSlice> {
    const definition = sortOf(sort);
    const rows = await this.store.page(connection, filter, { sort: definition, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const positionOf = ({ job }: JobRowText): JobPosition => {
      const columns = JSON.parse(job) as Readonly<Record<string, unknown>>;
      return { keys: definition.keys.map((key) => key.of(columns)), id: String(columns['id']) };
    };
    return { jobs: shown.map(toJob), positions: shown.map(positionOf), more: rows.length > limit };
  }

  private async next(name: string, place: JobPosition | undefined): Promise<string | null> {
    return place === undefined ? null : this.cursors.write(name, place);
  }
}
