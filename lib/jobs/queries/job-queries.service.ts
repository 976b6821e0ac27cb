import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Job } from '../model/job.js';
import type { JobActor } from '../policy/job-actor.js';
import type { JobPolicy } from '../policy/job-policy.js';
import { JobHistory, type JobHistoryOptions, type JobHistoryPage } from '../verbs/job-history.js';
import type { JobReference } from '../verbs/job-options.interface.js';
import { ActorJobQueries } from './actor-job-queries.js';
import { exportOf } from './job-export.js';
import type { JobFacet } from './job-facets.js';
import type { JobFilter } from './job-filter.interface.js';
import { QueryChecks } from './query-checks.js';
import type {
  JobBadge,
  JobCount,
  JobCountOptions,
  JobExportOptions,
  JobFacetOptions,
  JobFacets,
  JobListOptions,
  JobPage,
  JobStreamOptions,
} from './job-query-options.interface.js';
import type { JobReading } from './job-reading.js';

const LIMITS = { count: { most: 100_000, otherwise: 10_000 }, badge: { most: 10_000, otherwise: 100 } } as const;

/**
 * Lists, counts and exports jobs. Everything is bounded, and all of it takes the same filter.
 *
 * This service is the application itself and sees every job; what people see goes through {@link JobQueries.as}.
 *
 * @publicApi
 */
@Injectable()
export class JobQueries {
  private readonly records: JobHistory;

  /** @internal */
  constructor(
    private readonly reading: JobReading,
    private readonly policy: () => JobPolicy,
  ) {
    this.records = new JobHistory(reading.changes);
  }

  /** The same queries for one actor, within the policy: jobs they may not see are neither listed nor counted. */
  as(actor: JobActor): ActorJobQueries {
    return new ActorJobQueries(this.reading, this.policy(), actor);
  }

  /**
   * One page of the jobs that meet a filter.
   *
   * A job that is there all the while and whose place in the order does not change is on exactly one page, whatever happens to others.
   *
   * @throws InvalidOptionError, UnknownOptionError, DurationError, PayloadError, JobsError naming the path of the field.
   * @throws InvalidCursorError when `after` is not what a page of this filter and order gave.
   */
  async list(filter: JobFilter = {}, options: JobListOptions = {}): Promise<JobPage> {
    const checks = new QueryChecks('list');
    checks.list(options);
    return this.reading.page(checks, this.reading.list(checks, filter, options.sort), options);
  }

  /** How many jobs meet a filter, counted up to a limit. */
  async count(filter: JobFilter = {}, options: JobCountOptions = {}): Promise<JobCount> {
    const checks = new QueryChecks('count');
    const limit = checks.count(options, LIMITS.count);
    const checked = this.reading.filter('count', filter);
    return this.reading.changes.reading(options, async (connection) =>
      capped(await this.reading.store.count(connection, checked, limit + 1), limit),
    );
  }

  /**
   * How many of the jobs that meet a filter have which values, of some of them when there are more than the limit.
   *
   * @throws InvalidOptionError naming the facet that does not exist.
   */
  async facets<const Facet extends JobFacet>(
    facets: readonly Facet[],
    filter: JobFilter = {},
    options: JobFacetOptions = {},
  ): Promise<JobFacets<Facet>> {
    const checks = new QueryChecks('facets');
    const limits = checks.facets(facets, options, LIMITS.count);
    return this.reading.facets(facets, this.reading.filter('facets', filter), { ...limits, manager: options.manager });
  }

  /**
   * How many jobs each of several actors has to do, in one statement: those assigned to them or their roles, claimed by them, or free for
   * them to claim.
   *
   * @param actors at most 1000.
   * @param filter which of these jobs; the pending ones unless given.
   */
  async badges(
    actors: readonly JobActor[],
    filter: JobFilter = { status: 'pending' },
    options: JobCountOptions = {},
  ): Promise<readonly JobBadge[]> {
    const checks = new QueryChecks('badges');
    const limit = checks.count(options, LIMITS.badge);
    const owners = checks.actors(actors);
    const checked = this.reading.filter('badges', filter);
    return this.reading.changes.reading(options, async (connection) => {
      const counts = await this.reading.store.badges(connection, checked, owners, limit + 1);
      return actors.map(({ id }, index) => ({ actor: id, ...capped(counts[index] ?? 0, limit) }));
    });
  }

  /**
   * All jobs that meet a filter, one after the other. They are read in pages as they are asked for, without a transaction around them.
   */
  stream(filter: JobFilter = {}, options: JobStreamOptions = {}): AsyncIterable<Job> {
    const checks = new QueryChecks('stream');
    checks.stream(options);
    const { sort, limit, signal } = options;
    return this.reading.all(this.reading.list(checks, filter, sort), { limit, signal });
  }

  /** The same as text to be sent or saved: lines of JSON, or comma-separated values that no spreadsheet takes for formulas. */
  export(filter: JobFilter, options: JobExportOptions): Readable {
    const checks = new QueryChecks('export');
    checks.export(options);
    const { sort, limit, signal, format } = options;
    return exportOf(this.reading.all(this.reading.list(checks, filter, sort), { limit, signal }), format);
  }

  /** One page of what happened to a job. */
  async history(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    return this.records.read('history', job, options);
  }

  /** One page of the comments on a job; their text is the entries' `note`. */
  async comments(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    return this.records.read('comments', job, options);
  }
}

function capped(count: number, limit: number): JobCount {
  return { count: Math.min(count, limit), capped: count > limit };
}
