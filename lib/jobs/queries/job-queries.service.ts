import { Injectable } from '@nestjs/common';
import type { JobActor } from '../policy/job-actor.js';
import type { JobPolicy } from '../policy/job-policy.js';
import { JobChecks } from '../verbs/job-checks.js';
import { ActorJobQueries } from './actor-job-queries.js';
import type { JobFilter } from './job-filter.interface.js';
import type { JobCount, JobCountOptions, JobListOptions, JobPage } from './job-query-options.interface.js';
import type { JobReading } from './job-reading.js';

const LIST_OPTIONS = ['sort', 'after', 'limit', 'manager'] as const satisfies readonly (keyof JobListOptions)[];
const COUNT_OPTIONS = ['limit', 'manager'] as const satisfies readonly (keyof JobCountOptions)[];

/** Where counting ends unless asked otherwise. */
export const COUNT_LIMIT = 10_000;
/** Where it ends at the latest. */
export const MOST_COUNTED = 100_000;

/**
 * Lists, counts and exports jobs. Everything is bounded, and all of it takes the same filter.
 *
 * This service is the application itself and sees every job; what people see goes through {@link JobQueries.as}.
 *
 * @publicApi
 */
@Injectable()
export class JobQueries {
  /** @internal */
  constructor(
    private readonly reading: JobReading,
    private readonly policy: () => JobPolicy,
  ) {}

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
    const checks = new JobChecks('list');
    checks.options(options, LIST_OPTIONS);
    return this.reading.page(checks, this.reading.list(checks, filter, options.sort), options);
  }

  /** How many jobs meet a filter, counted up to a limit. */
  async count(filter: JobFilter = {}, options: JobCountOptions = {}): Promise<JobCount> {
    const checks = new JobChecks('count');
    checks.options(options, COUNT_OPTIONS);
    const limit = checks.integer('limit', options.limit ?? COUNT_LIMIT, { min: 1, max: MOST_COUNTED });
    const checked = this.reading.filter('count', filter);
    return this.reading.changes.reading(options, async (connection) => {
      const count = await this.reading.store.count(connection, checked, limit + 1);
      return { count: Math.min(count, limit), capped: count > limit };
    });
  }
}
