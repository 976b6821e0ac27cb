import type { EntityManager } from 'typeorm';
import type { Job } from '../model/job.js';
import { SYSTEM } from '../model/principal.js';
import type { JobTypeRegistry, RegisteredJobType } from '../types/job-type.registry.js';
import type { JobChanges } from '../verbs/job-changes.js';
import type { PendingRound } from './pending-round.js';
import type { SweepFailures } from './sweep-failures.js';

/** What the provider of a type may bring. */
interface ConditionHook {
  isDone(job: Job, manager: EntityManager): unknown;
}

/** Completes pending jobs whose condition holds already, so that a missed event heals. */
export class ConditionSweep {
  constructor(
    private readonly changes: JobChanges,
    private readonly types: JobTypeRegistry,
    private readonly round: PendingRound,
    private readonly failures: SweepFailures,
  ) {}

  /** Asks about one page of jobs of each type that can be asked; how many were completed. */
  async run(signal: AbortSignal): Promise<number> {
    let completed = 0;
    for (const type of this.types.all()) {
      if (!hasCondition(type.instance)) continue;
      for (const job of await this.round.next(type.definition.name)) {
        if (signal.aborted) return completed;
        completed += await this.check(type.instance, type, job);
      }
    }
    return completed;
  }

  /** In a transaction of its own, so that one that fails keeps none of the others from being asked about. */
  private async check(hook: ConditionHook, { definition }: RegisteredJobType, job: Job): Promise<number> {
    try {
      return await this.changes.ownTransaction(async (transaction) => {
        if ((await hook.isDone(job, transaction.manager)) !== true) return 0;
        const closed = await this.changes.change(transaction, {
          transition: 'complete',
          selector: { ids: [job.id] },
          actor: SYSTEM,
          input: { closeReason: 'condition', outcome: null },
          note: null,
        });
        return closed.length;
      });
    } catch (error) {
      this.failures.report(`isDone of ${definition.name} failed for job ${job.id}`, error);
      return 0;
    }
  }
}

function hasCondition(instance: object | undefined): instance is ConditionHook {
  return instance !== undefined && 'isDone' in instance && typeof instance.isDone === 'function';
}
