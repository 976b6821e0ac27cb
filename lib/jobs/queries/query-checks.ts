import type { Principal } from '../model/principal.js';
import { checkPrincipal } from '../model/principal.js';
import { type JobActor, principalsOf } from '../policy/job-actor.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { CheckedOwner } from './checked-job-filter.js';
import { JOB_FACETS, type JobFacet } from './job-facets.js';
import type {
  JobCountOptions,
  JobExportOptions,
  JobFacetOptions,
  JobListOptions,
  JobStreamOptions,
} from './job-query-options.interface.js';

/** How far something may be counted, and how far it is unless asked. */
export interface CountBounds {
  readonly most: number;
  readonly otherwise: number;
}

const LIST = ['sort', 'after', 'limit', 'manager'] as const satisfies readonly (keyof JobListOptions)[];
const COUNT = ['limit', 'manager'] as const satisfies readonly (keyof JobCountOptions)[];
const FACETS = [...COUNT, 'values'] as const satisfies readonly (keyof JobFacetOptions)[];
const STREAM = ['sort', 'limit', 'signal'] as const satisfies readonly (keyof JobStreamOptions)[];
const EXPORT = [...STREAM, 'format'] as const satisfies readonly (keyof JobExportOptions)[];

const FACET_VALUES = { most: 1_000, otherwise: 100 };
const MOST_ACTORS = 1_000;
const TENANT_LIMIT = 255;

/** Checks what queries are given beside the filter. */
export class QueryChecks extends JobChecks {
  list(options: JobListOptions): void {
    this.options(options, LIST);
  }

  /** How far to count. */
  count(options: JobCountOptions, bounds: CountBounds): number {
    this.options(options, COUNT);
    return this.upTo('limit', options.limit, bounds);
  }

  /** How far facets go. */
  facets(
    facets: readonly unknown[],
    options: JobFacetOptions,
    bounds: CountBounds,
  ): { readonly limit: number; readonly values: number } {
    this.options(options, FACETS);
    const expectation = `a list of any of ${JOB_FACETS.join(', ')}`;
    const list = this.items('facets', facets, JOB_FACETS.length, expectation);
    if (list.length === 0) throw this.invalid('facets', expectation, facets);
    list.forEach((facet, index) => this.oneOf<JobFacet>(`facets[${index}]`, facet, JOB_FACETS));
    return {
      limit: this.upTo('limit', options.limit, bounds),
      values: this.upTo('values', options.values, FACET_VALUES),
    };
  }

  /** Jobs of a stream at most. */
  stream(options: JobStreamOptions, known: readonly string[] = STREAM): number {
    this.object('', options, known);
    const { limit, signal } = options;
    this.signal(signal);
    return limit === undefined ? Infinity : this.integer('limit', limit, { min: 1 });
  }

  /** The same of an export. */
  export(options: JobExportOptions): number {
    const limit = this.stream(options, EXPORT);
    this.oneOf('format', options.format, ['ndjson', 'csv']);
    return limit;
  }

  /** Actors as those whose jobs are looked for. */
  actors(actors: readonly JobActor[]): readonly CheckedOwner[] {
    const list = this.items('actors', actors, MOST_ACTORS, `a list of at most ${MOST_ACTORS} actors`);
    return list.map((actor, index) => this.owner(`actors[${index}]`, actor));
  }

  /** An actor as whose jobs are looked for. */
  owner(path: string, actor: unknown): CheckedOwner {
    const { id, roles, tenant } = this.object(path, actor, ['id', 'roles', 'tenant']);
    const given: { id: Principal; roles: readonly Principal[] } = {
      id: checkPrincipal(`${path}.id`, id),
      roles: roles === undefined ? [] : this.principals(`${path}.roles`, roles),
    };
    return {
      principals: [...new Set(principalsOf(given))].sort(),
      tenant: tenant === undefined ? null : this.words(`${path}.tenant`, tenant, TENANT_LIMIT),
    };
  }

  private upTo(option: string, value: unknown, { most, otherwise }: CountBounds): number {
    return this.integer(option, value ?? otherwise, { min: 1, max: most });
  }
}
