import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import type { JobRowText } from '../store/job.statements.js';
import { BoundValues } from './bound-values.js';
import type { CheckedJobFilter, CheckedOwner } from './checked-job-filter.js';
import type { JobBranch } from './job-branch.js';
import { JobBranches } from './job-branches.js';
import { type FacetRow, facetSql, type JobFacet } from './job-facets.js';
import { type PageRequest, pageText } from './job-page.statements.js';
import { badgesText, countText, type FacetRequest, facetsText } from './job-query.statements.js';

/**
 * Reads jobs by filters. What it runs is put together for each filter and never prepared under a name: it must be planned for its values.
 */
export class JobQueryStore {
  constructor(
    private readonly names: JobTableNames,
    private readonly clock: Clock,
  ) {}

  /** One page of jobs, as JSON. */
  async page(
    connection: EngineConnection,
    filter: CheckedJobFilter,
    page: PageRequest,
  ): Promise<readonly JobRowText[]> {
    const values = new BoundValues();
    const { text, values: bound } = values.finish(pageText(this.names, this.branches(filter, values), values, page));
    return (await connection.runUnprepared<JobRowText>(text, bound)).rows;
  }

  /** How many jobs there are, `limit` at most. */
  async count(connection: EngineConnection, filter: CheckedJobFilter, limit: number): Promise<number> {
    const values = new BoundValues();
    const counting = values.finish(countText(this.names, this.branches(filter, values), values, limit));
    const { rows } = await connection.runUnprepared<{ count: string }>(counting.text, counting.values);
    return Number(rows[0]?.count);
  }

  /** The same for the jobs of each of several owners, in one statement. */
  async badges(
    connection: EngineConnection,
    filter: CheckedJobFilter,
    owners: readonly CheckedOwner[],
    limit: number,
  ): Promise<readonly number[]> {
    const values = new BoundValues();
    const list = values.bind(JSON.stringify(owners.map((owner, ordinal) => ({ ...owner, ordinal }))), 'jsonb');
    const owner = { principals: 'a.principals', tenant: '(a.tenant is null or j.tenant = a.tenant)' };
    const branches = this.branchesFor(values).of(filter, owner);
    const badges = values.finish(badgesText(this.names, branches, values, list, limit));
    const { rows } = await connection.runUnprepared<{ count: string }>(badges.text, badges.values);
    return rows.map(({ count }) => Number(count));
  }

  /** How many of at most `limit` jobs have which values; first, without a facet's name, how many were looked at. */
  async facets(
    connection: EngineConnection,
    filter: CheckedJobFilter,
    facets: readonly JobFacet[],
    limits: Pick<FacetRequest, 'limit' | 'values'>,
  ): Promise<readonly FacetRow[]> {
    const values = new BoundValues();
    const branches = this.branchesFor(values);
    const request = { ...limits, facets: facets.map((facet) => [facet, facetSql(facet, branches)] as const) };
    const { text, values: bound } = values.finish(facetsText(this.names, branches.of(filter), values, request));
    return (await connection.runUnprepared<FacetRow>(text, bound)).rows;
  }

  private branches(filter: CheckedJobFilter, values: BoundValues): readonly JobBranch[] {
    return this.branchesFor(values).of(filter);
  }

  private branchesFor(values: BoundValues): JobBranches {
    return new JobBranches(values, `(now() + ${values.bind(this.clock.offset, 'float8')} * interval '1 millisecond')`);
  }
}
