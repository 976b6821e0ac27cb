import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SYSTEM } from '../model/principal.js';
import { PendingStore } from '../store/pending-store.port.js';
import type { JobTarget } from '../targets/job-target.js';
import { idsOf, JobChanges, type JobTransaction } from '../verbs/job-changes.js';
import { JobChecks } from '../verbs/job-checks.js';

/**
 * Cancels the jobs of what is deleted.
 *
 * @publicApi
 */
@Injectable()
export class JobRemovals {
  constructor(
    private readonly changes: JobChanges,
    private readonly pending: PendingStore,
  ) {}

  /**
   * Cancels every pending job about a target, of whatever type and tenant, with reason `target-gone`. Call it in the transaction that
   * deletes the target, or let a {@link JobTargetSubscriber} do so.
   *
   * @param target the entity as it still is, or a reference.
   * @returns how many jobs were cancelled.
   */
  async cancelJobsOf(
    target: Exclude<JobTarget, string | number | bigint>,
    options: { readonly manager?: EntityManager } = {},
  ): Promise<number> {
    new JobChecks('cancelJobsOf').options(options, ['manager']);
    const reference = this.changes.targets.referenceOf(target, undefined);
    return this.changes.within(options, async (transaction) => {
      const ids = await this.pending.ofTarget(transaction.connection, reference);
      return ids.length === 0 ? 0 : this.cancelIn(transaction, ids);
    });
  }

  /** Cancels jobs whose target is gone; those that were closed meanwhile stay as they are. */
  async cancel(ids: readonly string[]): Promise<number> {
    const known = idsOf(new JobChecks('cancel'), 'ids', ids);
    return this.changes.ownTransaction((transaction) => this.cancelIn(transaction, known));
  }

  private async cancelIn(transaction: JobTransaction, ids: readonly string[]): Promise<number> {
    const jobs = await this.changes.change(transaction, {
      transition: 'cancel',
      selector: { ids },
      actor: SYSTEM,
      input: { closeReason: 'target-gone', outcome: null },
      note: null,
    });
    return jobs.length;
  }
}
