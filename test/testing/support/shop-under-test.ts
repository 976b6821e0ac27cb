import type { DynamicModule, Type } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { JobsModule, type JobsModuleOptions, JobsService } from '../../../lib/index.js';
import { JobsTesting, type JobsTestingMode, JobsTestingModule } from '../../../lib/testing/index.js';
import { typeormOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { Journal, Orders, Payments, ShopModule } from './shop.js';

/** How the shop is set up. */
export interface ShopOptions {
  readonly jobs?: JobsModuleOptions;
  readonly typeorm?: Partial<TypeOrmModuleOptions>;
  readonly imports?: readonly (DynamicModule | Type)[];
}

/** The shop in the hands of a test, on a database of its own. */
export class ShopUnderTest {
  private constructor(
    private readonly database: TestDatabase,
    readonly module: TestingModule,
  ) {}

  static async start(mode: JobsTestingMode, options: ShopOptions = {}): Promise<ShopUnderTest> {
    const database = await TestDatabase.create();
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot(typeormOptions(database, options.typeorm)),
        JobsModule.forRoot(options.jobs),
        ShopModule,
        ...(options.imports ?? []),
        JobsTestingModule.forRoot({ mode }),
      ],
    }).compile();
    module.useLogger(process.env['TEST_LOG'] === undefined ? false : new Logger());
    await module.init();
    return new ShopUnderTest(database, module);
  }

  get jobs(): JobsTesting {
    return this.module.get(JobsTesting);
  }

  get payments(): Payments {
    return this.module.get(Payments, { strict: false });
  }

  get orders(): Orders {
    return this.module.get(Orders, { strict: false });
  }

  get journal(): Journal {
    return this.module.get(Journal, { strict: false });
  }

  get todo(): JobsService {
    return this.module.get(JobsService, { strict: false });
  }

  get dataSource(): DataSource {
    return this.module.get(DataSource, { strict: false });
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const rows: { count: number }[] = await this.dataSource.query(
      `select count(*)::int4 as count from ${table} where ${condition}`,
    );
    return rows[0]?.count ?? 0;
  }

  /** Empties every table and forgets everything. */
  async reset(): Promise<void> {
    this.jobs.clear();
    this.jobs.clock.reset();
    this.journal.entries.length = 0;
    this.journal.mailFailures = 0;
    await this.dataSource.query(
      'truncate jobs_event, jobs_delivery, jobs_dead_letter, jobs_job, jobs_job_history, jobs_job_remembered, payment, "order"',
    );
  }

  /** Lets a transaction of somebody else come and go. */
  async letAnotherPass(): Promise<void> {
    const client = new Client(this.database.url);
    await client.connect();
    await client.query('select txid_current()');
    await client.end();
  }

  async close(): Promise<void> {
    await this.module.close();
    await this.database.drop();
  }
}
