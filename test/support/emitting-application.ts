import type { DataSource, EntityManager } from 'typeorm';
import type { JobsModuleOptions, ReliableEvents } from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions } from './test-application.js';
import { TestDatabase } from './test-database.js';

/** An application that emits and does not work, on a database of its own: what it wrote stays to be looked at. */
export class EmittingApplication {
  private constructor(
    readonly database: TestDatabase,
    readonly application: TestApplication,
  ) {}

  static async start(
    options: TestApplicationOptions = {},
    jobs: Omit<JobsModuleOptions, 'worker'> = {},
  ): Promise<EmittingApplication> {
    const database = await TestDatabase.create();
    try {
      const application = await TestApplication.start(database, { jobs: { ...jobs, worker: false }, ...options });
      return new EmittingApplication(database, application);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  get events(): ReliableEvents {
    return this.application.events;
  }

  get dataSource(): DataSource {
    return this.application.dataSource;
  }

  get manager(): EntityManager {
    return this.dataSource.manager;
  }

  /** How many events, deliveries and deduplication keys there are. */
  async written(): Promise<{ events: number; deliveries: number; keys: number }> {
    const [row] = await this.rows<{ events: number; deliveries: number; keys: number }>(
      `select (select count(*)::int4 from jobs_event) as events, (select count(*)::int4 from jobs_delivery) as deliveries,
         (select count(*)::int4 from jobs_deduplication) as keys`,
    );
    return row!;
  }

  rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, values);
  }

  async clear(): Promise<void> {
    await this.dataSource.query('truncate jobs_event, jobs_delivery, jobs_deduplication');
  }

  async close(): Promise<void> {
    await this.application.close();
    await this.database.drop();
  }
}

/** What nothing written looks like. */
export const NOTHING = { events: 0, deliveries: 0, keys: 0 };
