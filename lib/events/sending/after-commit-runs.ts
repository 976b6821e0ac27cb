import { AsyncResource } from 'node:async_hooks';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AfterCommitSubscriber } from '../../engine/wake-up/after-commit.subscriber.js';
import { within } from '../../engine/worker/within.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';

const GRACE = 20_000;

/** Something to do after a commit; it must not reject. */
export type AfterCommitWork = () => Promise<unknown>;

/** What goes on in process after commits: nobody waits for it but the end of the application. */
@Injectable()
export class AfterCommitRuns implements BeforeApplicationShutdown {
  private readonly committed = new Map<object, AfterCommitWork[]>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly afterCommit: AfterCommitSubscriber,
    @Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'worker'>,
  ) {}

  /** Has `work` done after the commit of a manager's transaction, or soon when it has none; what belongs to one transaction, in turn. */
  after(manager: EntityManager, work: AfterCommitWork): void {
    const transaction = manager.queryRunner ?? work;
    // Whoever commits may be elsewhere; the work belongs to whoever asked for it.
    const bound = AsyncResource.bind(work);
    this.afterCommit.after(manager, () => this.begin(transaction, bound));
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { worker } = this.options;
    await within(this.idle(), worker === false ? GRACE : worker.shutdownGrace);
  }

  /** Begins when the transaction's connection is no longer held. */
  private begin(transaction: object, work: AfterCommitWork): void {
    const together = this.committed.get(transaction);
    if (together !== undefined) {
      together.push(work);
      return;
    }
    this.committed.set(transaction, [work]);
    const run = new Promise<void>((resolve) => setImmediate(() => resolve(this.run(transaction))));
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
  }

  private async run(transaction: object): Promise<void> {
    const together = this.committed.get(transaction) ?? [];
    this.committed.delete(transaction);
    for (const work of together) await work();
  }

  private async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
