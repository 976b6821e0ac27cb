import type { Readable } from 'node:stream';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import type { Job } from '../model/job.js';
import { checkActor, type JobActor } from '../policy/job-actor.js';
import type { JobPolicy } from '../policy/job-policy.js';
import { shownId } from '../verbs/job-changes.js';
import { JobHistory, type JobHistoryOptions, type JobHistoryPage } from '../verbs/job-history.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { ChangeOptions, JobReference } from '../verbs/job-options.interface.js';
import { ActorSight } from './actor-sight.js';
import { exportOf } from './job-export.js';
import type { JobFacet } from './job-facets.js';
import type { JobFilter } from './job-filter.interface.js';
import type {
  JobCount,
  JobCountOptions,
  JobExportOptions,
  JobFacetOptions,
  JobFacets,
  JobListOptions,
  JobPage,
  JobStreamOptions,
} from './job-query-options.interface.js';
import type { JobList, JobReading } from './job-reading.js';
import { QueryChecks } from './query-checks.js';

/** Each job that is counted is read and shown to the policy. */
const COUNTED = { most: 10_000, otherwise: 1_000 };
/** Jobs shown to the policy for one count at most. */
const EXAMINED = 50_000;

/**
 * The queries of `JobQueries` for one actor: within the policy's scope, and of that only what the policy lets them see. Nothing that is
 * listed, counted or exported depends on a job the actor may not see.
 *
 * @publicApi
 */
export class ActorJobQueries {
  private readonly sight: ActorSight;
  private readonly records: JobHistory;

  /** @internal */
  constructor(
    private readonly reading: JobReading,
    policy: JobPolicy,
    actor: JobActor,
  ) {
    this.sight = new ActorSight(reading, policy, checkActor(actor));
    this.records = new JobHistory(reading.changes);
  }

  /**
   * One page of the jobs that meet a filter and that the actor may see. A page may be short, even empty, although there are more: only
   * a `next` of null says that there are none.
   */
  async list(filter: JobFilter = {}, options: JobListOptions = {}): Promise<JobPage> {
    const checks = new QueryChecks('list');
    checks.list(options);
    const list = await this.sight.within(this.reading.list(checks, filter, options.sort));
    if (list === undefined) return { jobs: [], next: null };
    return this.reading.page(checks, list, options, this.sight.sees);
  }

  /** How many jobs the actor may see meet a filter, counted up to a limit of 1000 unless given, 10000 at most. */
  async count(filter: JobFilter = {}, options: JobCountOptions = {}): Promise<JobCount> {
    const checks = new QueryChecks('count');
    const limit = checks.count(options, COUNTED);
    const { ids, capped } = await this.some(this.reading.list(checks, filter, undefined), limit, options);
    return { count: Math.min(ids.length, limit), capped };
  }

  /** How many of the jobs that meet a filter and that the actor may see have which values; bounded as `count` is. */
  async facets<const Facet extends JobFacet>(
    facets: readonly Facet[],
    filter: JobFilter = {},
    options: JobFacetOptions = {},
  ): Promise<JobFacets<Facet>> {
    const checks = new QueryChecks('facets');
    const { limit, values } = checks.facets(facets, options, COUNTED);
    const { ids, capped } = await this.some(this.reading.list(checks, filter, undefined), limit, options);
    const found = await this.reading.facets(facets, { ids }, { limit, values, manager: options.manager });
    return { ...found, capped };
  }

  /** All jobs that meet a filter and that the actor may see, one after the other. */
  stream(filter: JobFilter = {}, options: JobStreamOptions = {}): AsyncIterable<Job> {
    const checks = new QueryChecks('stream');
    const limit = checks.stream(options);
    return this.upTo(limit, this.reading.list(checks, filter, options.sort), options.signal);
  }

  /** The same as text to be sent or saved. */
  export(filter: JobFilter, options: JobExportOptions): Readable {
    const checks = new QueryChecks('export');
    const limit = checks.export(options);
    return exportOf(this.upTo(limit, this.reading.list(checks, filter, options.sort), options.signal), options.format);
  }

  /**
   * One page of what happened to a job.
   *
   * @throws JobNotFoundError when there is no such job, or none the actor may see.
   */
  async history(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    await this.demandSight(new JobChecks('history'), job, options);
    return this.records.read('history', job, options);
  }

  /**
   * One page of the comments on a job; their text is the entries' `note`.
   *
   * @throws JobNotFoundError when there is no such job, or none the actor may see.
   */
  async comments(job: JobReference, options: JobHistoryOptions = {}): Promise<JobHistoryPage> {
    await this.demandSight(new JobChecks('comments'), job, options);
    return this.records.read('comments', job, options);
  }

  private async demandSight(
    checks: JobChecks,
    reference: JobReference,
    options: Pick<ChangeOptions, 'manager'>,
  ): Promise<void> {
    checks.record('', options, 'an object of options');
    const { manager } = options;
    const { changes } = this.reading;
    const job = await changes.reading({ manager }, (connection) => changes.find(connection, reference));
    if (job === undefined || !(await this.sight.sees(job))) throw new JobNotFoundError(shownId(reference));
  }

  /** Jobs of a list that the actor may see, one more than `limit` at most, as far as they are found among so many. */
  private async some(
    list: JobList,
    limit: number,
    { manager }: Pick<ChangeOptions, 'manager'>,
  ): Promise<{ readonly ids: readonly string[]; readonly capped: boolean }> {
    const ids: string[] = [];
    let examined = 0;
    for await (const { job, isSeen } of this.sight.examined(list, { manager })) {
      examined += 1;
      if (isSeen) ids.push(job.id);
      if (ids.length > limit || examined > EXAMINED) return { ids, capped: true };
    }
    return { ids, capped: false };
  }

  private async *upTo(limit: number, list: JobList, signal?: AbortSignal): AsyncGenerator<Job> {
    let left = limit;
    for await (const job of this.sight.visible(list, signal)) {
      yield job;
      left -= 1;
      if (left === 0) return;
    }
  }
}
