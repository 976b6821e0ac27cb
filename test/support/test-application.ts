import { type DynamicModule, type INestApplicationContext, Logger, type ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { defaultWorkerLimits, WORKER_LIMITS, type WorkerLimits } from '../../lib/engine/worker/worker-limits.js';
import { JobsModule, type JobsModuleOptions, ReliableEvents } from '../../lib/index.js';
import type { TestDatabase } from './test-database.js';
import { until } from './until.js';

/** What an application under test is made of. */
export interface TestApplicationOptions extends Pick<ModuleMetadata, 'providers' | 'controllers'> {
  readonly imports?: ModuleMetadata['imports'];
  readonly jobs?: JobsModuleOptions;
  readonly jobsModule?: DynamicModule;
  readonly typeorm?: Partial<TypeOrmModuleOptions>;
  /** Shorter times for the worker than in production. */
  readonly limits?: Partial<WorkerLimits>;
  /** In place of the one that `typeorm` describes. */
  readonly typeormModule?: DynamicModule;
}

/** Options of a data source on a test's database, as applications under test have it unless they say otherwise. */
export function typeormOptions(
  database: Pick<TestDatabase, 'url'>,
  options: Partial<TypeOrmModuleOptions> = {},
): TypeOrmModuleOptions {
  return {
    type: 'postgres',
    url: database.url,
    autoLoadEntities: true,
    synchronize: true,
    retryAttempts: 1,
    ...options,
  } as TypeOrmModuleOptions;
}

/** A Nest application with the module in it, on a database of its own. */
export class TestApplication {
  private constructor(private readonly module: TestingModule) {}

  static async start(
    database: Pick<TestDatabase, 'url'>,
    options: TestApplicationOptions = {},
  ): Promise<TestApplication> {
    const module = await Test.createTestingModule({
      imports: [
        options.typeormModule ?? TypeOrmModule.forRoot(typeormOptions(database, options.typeorm)),
        options.jobsModule ?? JobsModule.forRoot(options.jobs),
        ...(options.imports ?? []),
      ],
      providers: options.providers ?? [],
      controllers: options.controllers ?? [],
    })
      .overrideProvider(WORKER_LIMITS)
      .useValue({ ...defaultWorkerLimits, ...options.limits })
      .compile();
    module.useLogger(process.env['TEST_LOG'] === undefined ? false : new Logger());
    try {
      await module.init();
    } catch (error) {
      await module.close();
      throw error;
    }
    return new TestApplication(module);
  }

  get context(): INestApplicationContext {
    return this.module;
  }

  get events(): ReliableEvents {
    return this.module.get(ReliableEvents, { strict: false });
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

  /** Resolves when no delivery is left. */
  async drained(): Promise<void> {
    await until(async () => (await this.count('jobs_delivery')) === 0);
  }

  async close(): Promise<void> {
    await this.module.close();
  }
}
