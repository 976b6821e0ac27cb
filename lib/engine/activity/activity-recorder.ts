import { Logger } from '@nestjs/common';
import type { Outcome } from '../deliveries/outcome.js';
import { storableText } from '../text/storable-text.js';
import { type ActivityCounts, activityOf } from './activity-counts.js';
import type { ActivityStore } from './activity-store.port.js';

/** What the recorder asks of the worker whose runs it counts. */
export interface ActiveWorker {
  readonly id: number | undefined;
  /** Deliveries that run at this moment. */
  readonly running: number;
}

type Counted = { -readonly [Count in keyof ActivityCounts]: number };

/**
 * Counts in memory what the runs of this process led to, and writes it down now and then while there is something to write: an idle
 * worker writes nothing, and a process that is killed loses the last seconds.
 */
export class ActivityRecorder {
  private readonly logger = new Logger('Worker');
  private counts = new Map<number, Counted>();
  private written = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param interval milliseconds between two writes. */
  constructor(
    private readonly store: ActivityStore,
    private readonly worker: ActiveWorker,
    private readonly interval: number,
  ) {}

  /** A run has begun. */
  began(): void {
    this.writeSoon();
  }

  /** A run has ended. */
  ended(receiver: number, outcome: Outcome, milliseconds: number): void {
    const added = activityOf(outcome, milliseconds);
    if (added !== undefined) this.add(receiver, added);
    this.writeSoon();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.write();
  }

  private add(receiver: number, { succeeded, failed, dead, interrupted, milliseconds }: ActivityCounts): void {
    let counted = this.counts.get(receiver);
    if (counted === undefined) {
      this.counts.set(receiver, (counted = { succeeded: 0, failed: 0, dead: 0, interrupted: 0, milliseconds: 0 }));
    }
    counted.succeeded += succeeded;
    counted.failed += failed;
    counted.dead += dead;
    counted.interrupted += interrupted;
    counted.milliseconds += milliseconds;
  }

  private writeSoon(): void {
    if (this.timer !== undefined || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.write();
    }, this.interval).unref();
  }

  private async write(): Promise<void> {
    const { id, running } = this.worker;
    if (this.counts.size === 0 && running === this.written) return;
    // Declared dead, it has no number until it has come back.
    if (id === undefined) {
      this.writeSoon();
      return;
    }
    const counts = this.counts;
    this.counts = new Map();
    try {
      await this.store.record(id, running, counts);
      this.written = running;
    } catch (error) {
      for (const [receiver, counted] of counts) this.add(receiver, counted);
      this.logger.debug(`Counts of runs could not be written and are kept: ${storableText(error, 500)}`);
      this.writeSoon();
    }
  }
}
