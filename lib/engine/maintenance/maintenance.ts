import { Logger } from '@nestjs/common';
import type { Clock } from '../clock/clock.js';
import type { EngineDatabase } from '../database/engine-database.js';
import type { Statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { storableText } from '../text/storable-text.js';
import {
  orphansStatement,
  PURGE_BATCH,
  purgeActivityStatement,
  purgeDeduplicationStatement,
  purgeEventsStatement,
  purgeWorkersStatement,
} from './purge.statements.js';

const INTERVAL = 60_000;
const JITTER = 0.25;

/** A receiver whose deliveries nobody runs. */
export interface Orphan {
  readonly name: string;
  /** Ready deliveries, counted up to 1000. */
  readonly waiting: number;
}

/** What every worker does now and then: purge what is past its retention, and report deliveries that nobody runs. */
export class Maintenance {
  private readonly logger = new Logger('Maintenance');
  private readonly purgeEventsText: Statement;
  private readonly purgeDeduplicationText: Statement;
  private readonly purgeActivityText: Statement;
  private readonly purgeWorkersText: Statement;
  private readonly orphansText: Statement;
  private readonly reported = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private passing: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.purgeEventsText = purgeEventsStatement(names);
    this.purgeDeduplicationText = purgeDeduplicationStatement(names);
    this.purgeActivityText = purgeActivityStatement(names);
    this.purgeWorkersText = purgeWorkersStatement(names);
    this.orphansText = orphansStatement(names);
  }

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
    let purged = 0;
    for (let full = true; full && !this.stopped;) {
      const { rows } = await this.database.connection.run<{ looked_at: number; purged: number }>(this.purgeEventsText, [
        this.clock.offset,
      ]);
      purged += rows[0]?.purged ?? 0;
      full = (rows[0]?.looked_at ?? 0) >= PURGE_BATCH;
    }
    await this.purgeAll(this.purgeDeduplicationText);
    await this.purgeAll(this.purgeActivityText);
    return purged;
  }

  /** Receivers with ready deliveries which no living worker has, at most 100. */
  async orphans(): Promise<readonly Orphan[]> {
    return (await this.database.connection.run<Orphan>(this.orphansText, [])).rows;
  }

  private async purgeAll(purge: Statement): Promise<void> {
    for (let full = true; full && !this.stopped;) {
      const { rowCount } = await this.database.connection.run(purge, [this.clock.offset]);
      full = (rowCount ?? 0) >= PURGE_BATCH;
    }
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
      await this.database.connection.run(this.purgeWorkersText, []);
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
