import type { Job } from '../model/job.js';
import type { JobRemovals } from '../removal/job-removals.js';
import type { TargetResolver } from '../targets/target-resolver.js';
import type { JobTypeRegistry } from '../types/job-type.registry.js';
import type { PendingRound } from './pending-round.js';
import type { SweepFailures } from './sweep-failures.js';

/** Cancels pending jobs whose target is gone, for targets that were deleted past every subscriber. */
export class TargetSweep {
  /** @param isKnown whether the data source has an entity of that name; of any other nobody here can say that it is gone. */
  constructor(
    private readonly removals: JobRemovals,
    private readonly targets: TargetResolver,
    private readonly types: JobTypeRegistry,
    private readonly round: PendingRound,
    private readonly isKnown: (targetType: string) => boolean,
    private readonly failures: SweepFailures,
  ) {}

  /** Looks at one page of jobs of each type; how many were cancelled. */
  async run(signal: AbortSignal): Promise<number> {
    let cancelled = 0;
    for (const { definition } of this.types.all()) {
      if (signal.aborted) break;
      const jobs = await this.round.next(definition.name);
      const gone = await this.withoutTarget(jobs.filter(({ targetType }) => this.isKnown(targetType)));
      if (gone.length > 0) cancelled += await this.removals.cancel(gone.map(({ id }) => id));
    }
    return cancelled;
  }

  private async withoutTarget(jobs: readonly Job[]): Promise<readonly Job[]> {
    if (jobs.length === 0) return [];
    try {
      const resolved = await this.targets.resolveMany(jobs);
      return jobs.filter(({ id }) => resolved.get(id) === null);
    } catch (error) {
      return this.oneByOne(jobs, error);
    }
  }

  /** An id that its column cannot hold must not keep the other jobs of its page from being looked at. */
  private async oneByOne(jobs: readonly Job[], failure: unknown): Promise<readonly Job[]> {
    const [only, ...others] = jobs;
    if (only !== undefined && others.length === 0) {
      this.failures.report(`The target of job ${only.id} cannot be looked up`, failure);
      return [];
    }
    const middle = Math.ceil(jobs.length / 2);
    return [...(await this.withoutTarget(jobs.slice(0, middle))), ...(await this.withoutTarget(jobs.slice(middle)))];
  }
}
