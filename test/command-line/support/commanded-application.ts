import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { getReliableEventsToken, Processes, ReliableEvents, type WorkerProcess } from '../../../lib/index.js';
import { AppModule, OrderPaid, ReportAsked } from '../../children/commanded.module.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

/** The application that commands are tried on, in this process, where it only emits. */
export class CommandedApplication {
  private constructor(
    private readonly database: TestDatabase,
    readonly context: INestApplicationContext,
  ) {}

  static async start(): Promise<CommandedApplication> {
    const database = await TestDatabase.create();
    process.env['COMMANDED_URL'] = database.url;
    const context = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    return new CommandedApplication(database, context);
  }

  get url(): string {
    return this.database.url;
  }

  get dataSource(): DataSource {
    return this.context.get(DataSource, { strict: false });
  }

  /** Emits so many events, each of which goes to three receivers. */
  async pay(count = 1, script: OrderPaid['script'] = 'nothing', correlationId?: string): Promise<void> {
    const events = this.context.get(ReliableEvents, { strict: false });
    const options = correlationId === undefined ? {} : { correlationId };
    await events.emitMany(
      Array.from({ length: count }, () => new OrderPaid(script)),
      options,
    );
  }

  /** Emits an event on the other data source. */
  async askForReport(): Promise<void> {
    await this.context
      .get<ReliableEvents>(getReliableEventsToken('reports'), { strict: false })
      .emit(new ReportAsked());
  }

  /** Ids of receivers with open deliveries, one for each. */
  async open(schema = 'public'): Promise<readonly string[]> {
    const rows = await this.dataSource.query<{ name: string }[]>(
      `select r.name from ${schema}.jobs_delivery d join ${schema}.jobs_receiver r on r.id = d.receiver order by r.name`,
    );
    return rows.map(({ name }) => name);
  }

  /** Deliveries that a process has claimed. */
  async claimed(): Promise<number> {
    return this.count('jobs_delivery', 'worker is not null');
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const rows = await this.dataSource.query<{ count: number }[]>(
      `select count(*)::int4 as count from ${table} where ${condition}`,
    );
    return rows[0]?.count ?? 0;
  }

  async drained(): Promise<void> {
    await until(async () => (await this.open()).length === 0);
  }

  /** The processes that work, by their numbers on this host. */
  async processes(): Promise<ReadonlyMap<number, WorkerProcess>> {
    const { items } = await this.context.get(Processes, { strict: false }).list();
    return new Map(items.map((one) => [one.pid, one]));
  }

  async clear(): Promise<void> {
    await this.dataSource.query(
      'truncate jobs_event, jobs_delivery, jobs_dead_letter, jobs_audit, reports.jobs_event, reports.jobs_delivery',
    );
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.database.drop();
  }
}
