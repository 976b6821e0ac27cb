import type { DynamicModule, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, ReliableEvents } from '../../../lib/index.js';
import {
  isolatedSchema,
  JobsTesting,
  type JobsTestingMode,
  JobsTestingModule,
  MemoryStorage,
} from '../../../lib/testing/index.js';
import { typeormOptions } from '../../support/test-application.js';
import { DoorOpened, House, HouseModule } from './house.js';

type ModuleImport = DynamicModule | Type;

/** The house in the hands of a test, with nothing in it. */
export class HouseUnderTest {
  private constructor(
    readonly app: TestingModule,
    /** Where everything is kept; `undefined` on a database. */
    readonly memory: MemoryStorage | undefined,
  ) {}

  /** @param url of the database in which it keeps what events and jobs keep; in memory when there is none. */
  static async start(mode: JobsTestingMode, url?: string): Promise<HouseUnderTest> {
    const parts = [HouseModule, JobsTestingModule.forRoot({ mode })];
    if (url !== undefined) return new HouseUnderTest(await begun(onPostgres(url, parts)), undefined);
    const memory = new MemoryStorage();
    return new HouseUnderTest(await begun(inMemory(memory, parts)), memory);
  }

  get jobs(): JobsTesting {
    return this.app.get(JobsTesting);
  }

  get events(): ReliableEvents {
    return this.app.get(ReliableEvents);
  }

  get house(): House {
    return this.app.get(House);
  }

  /** What receivers did, in the order in which they did it. */
  get heard(): readonly string[] {
    return this.house.heard;
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  /** Emits in a transaction, which rolls back when it is to fail. */
  readonly open = (door: string, { fail = false } = {}): Promise<void> =>
    this.dataSource.transaction(async (manager) => {
      await this.events.emit(new DoorOpened(door), { manager });
      if (fail) throw new Error('locked');
    });

  /** Empties it, in a database; in memory a new one costs as little. */
  async reset(): Promise<void> {
    this.house.heard.length = 0;
    this.house.failures = 0;
    this.jobs.clear();
    this.jobs.clock.reset();
    const tables: { name: string }[] = await this.dataSource.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname like 'house%' and tablename ~ '^jobs_(event|delivery|dead_letter|job)'`,
    );
    await this.dataSource.query(`truncate ${tables.map(({ name }) => name).join(', ')}`);
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

function inMemory(memory: MemoryStorage, parts: readonly ModuleImport[]): Promise<TestingModule> {
  const builder = Test.createTestingModule({ imports: [memory.typeOrm(), JobsModule.forRoot(), ...parts] });
  return memory.replaceStorage(builder).compile();
}

async function onPostgres(url: string, parts: readonly ModuleImport[]): Promise<TestingModule> {
  const schema = await isolatedSchema(url, 'house');
  const typeOrm = TypeOrmModule.forRoot(typeormOptions({ url }, { schema }));
  return Test.createTestingModule({ imports: [typeOrm, JobsModule.forRoot({ schema }), ...parts] }).compile();
}

async function begun(compiled: Promise<TestingModule>): Promise<TestingModule> {
  const app = await compiled;
  app.useLogger(false);
  return app.init();
}
