import type { Provider } from '@nestjs/common';
import {
  AuditLog,
  DeadLetters,
  Deliveries,
  EventLog,
  type JobsModuleOptions,
  type Page,
  ReliableEvents,
} from '../../../lib/index.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';

/** An application whose operations are tried, on a database of its own, and whose time can be moved. */
export class OperatedApplication {
  private constructor(
    readonly database: TestDatabase,
    readonly application: TestApplication,
    readonly clock: { offset: number },
  ) {}

  /** Without `worker` in the options it does not work: what is written stays to be looked at. */
  static async start(providers: readonly Provider[], jobs: JobsModuleOptions = {}): Promise<OperatedApplication> {
    const database = await TestDatabase.create();
    const clock = { offset: 0 };
    try {
      const application = await TestApplication.start(database, {
        providers: [...providers],
        jobs: { worker: false, clock, ...jobs },
      });
      return new OperatedApplication(database, application, clock);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  get deliveries(): Deliveries {
    return this.application.context.get(Deliveries, { strict: false });
  }

  get deadLetters(): DeadLetters {
    return this.application.context.get(DeadLetters, { strict: false });
  }

  get log(): EventLog {
    return this.application.context.get(EventLog, { strict: false });
  }

  get audit(): AuditLog {
    return this.application.context.get(AuditLog, { strict: false });
  }

  get events(): ReliableEvents {
    return this.application.events;
  }

  rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.application.dataSource.query<Row[]>(sql, values);
  }

  /** Number under which a receiver's deliveries are stored. */
  async numberOf(receiver: string): Promise<number> {
    const [row] = await this.rows<{ id: number }>('select id from jobs_receiver where name = $1', [receiver]);
    return row!.id;
  }

  async clear(): Promise<void> {
    await this.rows('truncate jobs_event, jobs_delivery, jobs_dead_letter, jobs_audit');
    this.clock.offset = 0;
  }

  async close(): Promise<void> {
    await this.application.close();
    await this.database.drop();
  }
}

/** Every item of a list, page by page. */
export async function allOf<Item>(read: (after: { after?: string }) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: { after?: string } | undefined = {}; after !== undefined;) {
    const page: Page<Item> = await read(after);
    items.push(...page.items);
    after = page.next === null ? undefined : { after: page.next };
  }
  return items;
}
