import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import type { JobRowText } from '../store/job.statements.js';
import { BoundValues } from './bound-values.js';
import type { CheckedJobFilter } from './checked-job-filter.js';
import { type JobBranch, JobBranches } from './job-branches.js';
import { countText, type PageRequest, pageText } from './job-query.statements.js';

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
    const { rows } = await connection.runUnprepared<{ count: number }>(counting.text, counting.values);
    return Number(rows[0]?.count);
  }

  private branches(filter: CheckedJobFilter, values: BoundValues): readonly JobBranch[] {
    const clock = `(now() + ${values.bind(this.clock.offset, 'float8')} * interval '1 millisecond')`;
    return new JobBranches(values, clock).of(filter);
  }
}
