import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  type Job,
  JobsService,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvent,
  type DeliveryContext,
  type TransactionalContext,
} from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

const TIMES = 2;

@ReliableEvent('load.counted')
class Counted {
  constructor(readonly number: number) {}
}

@JobType('load.check')
class CheckLoad {}

@Injectable()
class Receivers {
  @OnReliableEvent(Counted, { id: 'load.in-transaction', transactional: true })
  async write({ number }: Counted, { manager }: TransactionalContext): Promise<void> {
    await manager.query(`insert into written (by, number) values ('in transaction', $1)`, [number]);
  }

  @OnReliableEvent(Counted, { id: 'load.in-late-transaction' })
  async writeLate({ number }: Counted, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) =>
      manager.query(`insert into written (by, number) values ('in late transaction', $1)`, [number]),
    );
  }

  @OnJobRequested(CheckLoad, { id: 'load.on-requested', transactional: true })
  async hear(job: Job, { manager }: TransactionalContext): Promise<void> {
    await manager.query(`insert into written (by, number) values ('job', $1)`, [job.key]);
  }
}

describe('A version that comes in while others emit, work and request', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      providers: [Receivers, CheckLoad],
      jobs: { migrate: true },
      typeorm: { synchronize: false, poolSize: 20 },
    });
    await application.dataSource.query('create table written (by text not null, number integer not null)');
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  /** Migrates in another process, again and again. */
  function migrate(): Promise<number | null> {
    const child = fork(resolve(__dirname, '../../.build/test/children/migrating-process.js'), [
      database.url,
      String(TIMES),
    ]);
    return new Promise((ended) => child.once('exit', (code) => ended(code)));
  }

  it('loses nothing, doubles nothing, and fails nobody', async () => {
    const jobs = application.context.get(JobsService, { strict: false });
    let [migrating, number] = [true, 0];
    const migrated = migrate().finally(() => (migrating = false));
    const sender = async (): Promise<void> => {
      while (migrating) {
        const mine = ++number;
        await application.dataSource.transaction(async (manager) => {
          await application.events.emit(new Counted(mine), { manager });
          await jobs.request(CheckLoad, { key: String(mine), manager });
        });
        await jobs.complete(CheckLoad, { key: String(mine) });
      }
    };
    const [code] = await Promise.all([migrated, sender(), sender()]);
    await application.drained();
    const written: unknown[] = await application.dataSource.query(
      `select by, count(*)::int4 as rows, count(distinct number)::int4 as numbers, max(number)::int4 as last from written group by by order by by`,
    );

    const each = { rows: number, numbers: number, last: number };
    expect([code, written, await application.count('jobs_dead_letter')]).toEqual([
      0,
      ['in late transaction', 'in transaction', 'job'].map((by) => ({ by, ...each })),
      0,
    ]);
    expect(await application.count('jobs_job', "status = 'completed'")).toBe(number);
  });
});
