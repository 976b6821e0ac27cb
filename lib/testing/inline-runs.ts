import { AsyncResource } from 'node:async_hooks';
import type { DeliveredRun } from './driver/delivered-run.js';
import { ReceiversFailedError } from './receivers-failed.error.js';

/** Runs receivers when a transaction has committed, and keeps their errors until the test takes them. */
export class InlineRuns {
  private readonly context = new AsyncResource('nestjs-jobs:testing');
  private pending: Promise<void> | undefined;
  private again = false;
  private failed: DeliveredRun[] = [];
  private broken: unknown[] = [];

  /** @param drain runs all that is ready. */
  constructor(private readonly drain: () => Promise<readonly DeliveredRun[]>) {}

  /** What receivers threw since it was last taken. */
  get errors(): readonly unknown[] {
    return [...this.failed.map(({ error }) => error), ...this.broken];
  }

  /** A transaction has committed. Its connection is still held, so nothing is run before the next turn of the event loop. */
  onCommit(): void {
    this.again = true;
    // Receivers are not to run in the asynchronous context of whoever emits, where its transaction may still be open.
    this.pending ??= this.context.runInAsyncScope(() => this.runAll());
  }

  /**
   * Resolves when everything has run that was committed, and what that led to.
   *
   * @throws ReceiversFailedError when receivers failed since it was last called.
   */
  async settled(): Promise<void> {
    while (this.pending !== undefined) await this.pending;
    const { failed, broken } = this;
    this.clear();
    if (broken.length > 0) throw broken[0];
    if (failed.length > 0) throw new ReceiversFailedError(failed);
  }

  /** Forgets errors. */
  clear(): void {
    this.failed = [];
    this.broken = [];
  }

  private async runAll(): Promise<void> {
    while (this.again) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.again = false;
      try {
        this.failed.push(...(await this.drain()).filter(({ failed }) => failed));
      } catch (error) {
        this.broken.push(error);
      }
    }
    this.pending = undefined;
  }
}
