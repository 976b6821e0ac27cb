import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { within } from '../../engine/worker/within.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';

const GRACE = 20_000;

/** What goes on in process after commits: nobody waits for it but the end of the application. */
@Injectable()
export class AfterCommitRuns implements BeforeApplicationShutdown {
  private readonly running = new Set<Promise<unknown>>();

  constructor(@Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'worker'>) {}

  /** Begins soon, when the transaction's connection is no longer held; `work` must not reject. */
  start(work: () => Promise<unknown>): void {
    const run = new Promise<unknown>((resolve) => setImmediate(() => resolve(work())));
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { worker } = this.options;
    await within(this.idle(), worker === false ? GRACE : worker.shutdownGrace);
  }

  private async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
