import { Logger } from '@nestjs/common';
import { storableText } from '../text/storable-text.js';
import type { MaintenanceStore, Orphan, PurgedBatch } from './maintenance-store.port.js';

const INTERVAL = 60_000;
const JITTER = 0.25;

/** What every worker does now and then: purge what is past its retention, and report deliveries that nobody runs. */
export class Maintenance {
  private readonly logger = new Logger('Maintenance');
  private readonly reported = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private passing: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly store: MaintenanceStore) {}

  start(): void {
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.passing;
  }

  /**
   * Purges events that are past their retention and to which nothing refers, in batches.
   *
   * @returns how many were purged.
   */
  async purge(): Promise<number> {
    const purged = await this.inBatches(() => this.store.purgeEvents());
    await this.inBatches(() => this.store.purgeDeduplication());
    await this.inBatches(() => this.store.purgeActivity());
    return purged;
  }

  /** Receivers with ready deliveries which no living worker has, at most 100. */
  orphans(): Promise<readonly Orphan[]> {
    return this.store.orphans();
  }

  private async inBatches(purge: () => Promise<PurgedBatch>): Promise<number> {
    let total = 0;
    for (let more = true; more && !this.stopped;) {
      const { purged, full } = await purge();
      total += purged;
      more = full;
    }
    return total;
  }

  private schedule(): void {
    if (this.stopped) return;
    const delay = INTERVAL * (1 - JITTER + 2 * JITTER * Math.random());
    this.timer = setTimeout(() => {
      this.passing = this.pass().finally(() => this.schedule());
    }, delay).unref();
  }

  private async pass(): Promise<void> {
    try {
      await this.purge();
      await this.store.purgeWorkers();
      for (const orphan of await this.orphans()) this.report(orphan);
    } catch (error) {
      this.logger.warn(`Maintenance did not finish and is done again later: ${storableText(error, 500)}`);
    }
  }

  private report({ name, waiting }: Orphan): void {
    if (this.reported.has(name)) return;
    this.reported.add(name);
    this.logger.warn(
      `${waiting} deliveries wait for receiver "${name}", which no living worker has. Start a process that contains it, ` +
        'name it as an alias of the receiver that replaces it, or retire it.',
    );
  }
}
