import { Logger } from '@nestjs/common';

import type { EngineDatabase } from '../database/engine-database.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import type { SettledDelivery } from '../deliveries/outcome.js';
import { storableText } from '../text/storable-text.js';

const BATCH = 1_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Told when a delivery's outcome is written, or was found to be another's to write. */
export type SettledListener = (settled: SettledDelivery, held: boolean) => void;

/**
 * Writes outcomes in batches: whatever gathers while one batch is on its way goes with the next. While the database is away it keeps
 * trying, since the claims stay this process's until somebody declares it dead.
 */
export class Settlement {
  private readonly logger = new Logger('Worker');
  private waiting: SettledDelivery[] = [];
  private flushing: Promise<void> | undefined;
  private closed = false;
  private wakePause: (() => void) | undefined;

  constructor(
    private readonly database: EngineDatabase,
    private readonly store: DeliveryStore,
    private readonly onSettled: SettledListener,
    private readonly answerLimit: number,
  ) {}

  /** Takes an outcome to be written soon. */
  add(settled: SettledDelivery): void {
    if (settled.outcome.kind === 'committed' || settled.outcome.kind === 'lost') {
      this.onSettled(settled, settled.outcome.kind === 'committed');
      return;
    }
    this.waiting.push(settled);
    this.flushing ??= this.flush();
  }

  /** Resolves when everything taken so far is written. */
  async drained(): Promise<void> {
    while (this.flushing !== undefined) await this.flushing;
  }

  /** Gives up what cannot be written now; the release of this worker's claims covers it. */
  close(): void {
    this.closed = true;
    this.wakePause?.();
  }

  private async flush(): Promise<void> {
    // One turn of the event loop lets receivers that finish together share the first batch, too.
    await new Promise<void>((resolve) => setImmediate(resolve));
    let pause = FIRST_PAUSE;
    while (this.waiting.length > 0 && !this.closed) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        await this.write(batch);
        this.waiting = this.waiting.slice(batch.length);
        pause = FIRST_PAUSE;
      } catch (error) {
        this.logger.warn(
          `Outcomes could not be written and are tried again in ${pause} ms: ${storableText(error, 500)}`,
        );
        await this.pause(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    this.flushing = undefined;
  }

  private async write(batch: readonly SettledDelivery[]): Promise<void> {
    const done = batch.filter(({ outcome }) => outcome.kind === 'acknowledged');
    const others = batch.filter(({ outcome }) => outcome.kind !== 'acknowledged');
    const connection = this.database.connection.within(this.answerLimit);
    if (done.length > 0) {
      const held = await this.store.acknowledge(
        connection,
        done.map(({ delivery }) => delivery),
      );
      this.report(done, held);
    }
    // What is written twice because the second part failed finds its claim gone the second time, and changes nothing.
    if (others.length > 0) this.report(others, await this.store.settle(connection, others));
  }

  private report(batch: readonly SettledDelivery[], held: ReadonlySet<ClaimedDelivery>): void {
    for (const settled of batch) this.onSettled(settled, held.has(settled.delivery));
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.wakePause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
