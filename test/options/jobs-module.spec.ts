import { Global, Inject, Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ReliableEvents } from '../../lib/events/reliable-events.service.js';
import { JobsModule } from '../../lib/jobs.module.js';
import type {
  JobsModuleAsyncOptions,
  JobsOptionsFactory,
  JobsRuntimeOptions,
} from '../../lib/options/jobs-module-options.interface.js';
import { JOBS_OPTIONS } from '../../lib/options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../lib/options/resolved-jobs-options.js';
import { TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let application: TestingModule | undefined;

beforeAll(async () => {
  database = await TestDatabase.create();
});
afterEach(async () => {
  await application?.close();
  application = undefined;
});
afterAll(() => database.drop());

async function start(
  jobs: DynamicModule,
  { imports = [], name, connect = true }: { imports?: Type[]; name?: string; connect?: boolean } = {},
): Promise<TestingModule> {
  const typeOrm = TypeOrmModule.forRoot({
    ...{
      type: 'postgres',
      url: database.url,
      autoLoadEntities: true,
      synchronize: true,
      manualInitialization: !connect,
    },
    ...(name === undefined ? {} : { name }),
  });
  application = await Test.createTestingModule({ imports: [typeOrm, jobs, ...imports] }).compile();
  await application.init();
  return application;
}

function resolved(): ResolvedJobsOptions {
  return application!.get<ResolvedJobsOptions>(JOBS_OPTIONS, { strict: false });
}

const emitOnly: JobsRuntimeOptions = { worker: false, retention: '1d' };

@Injectable()
class Factory implements JobsOptionsFactory {
  createJobsOptions(): JobsRuntimeOptions {
    return emitOnly;
  }
}

@Global()
@Module({ providers: [Factory, { provide: 'retention', useValue: '1d' }], exports: [Factory, 'retention'] })
class ConfigModule {}

@Injectable()
class Emitter {
  constructor(@Inject(ReliableEvents) readonly events: ReliableEvents) {}
}

@Module({ providers: [Emitter] })
class EmittingModule {}

describe('JobsModule.forRoot', () => {
  it('is global', async () => {
    await start(JobsModule.forRoot({ worker: false }), { imports: [EmittingModule] });
    expect(application!.get(Emitter, { strict: false }).events).toBeInstanceOf(ReliableEvents);
  });

  it('is not global when told so: only modules that import it inject its services', async () => {
    const jobs = JobsModule.forRoot({ worker: false, isGlobal: false });
    await expect(start(jobs, { imports: [EmittingModule], connect: false })).rejects.toThrow(
      /dependencies of the Emitter/,
    );

    @Module({ imports: [jobs], providers: [Emitter] })
    class ImportingModule {}
    await start(jobs, { imports: [ImportingModule] });
    expect(application!.get(Emitter, { strict: false }).events).toBeInstanceOf(ReliableEvents);
  });

  it('uses the data source it is given the name of', async () => {
    await start(JobsModule.forRoot({ worker: false, dataSource: 'jobs' }), { name: 'jobs' });
    const dataSource = application!.get<{ hasMetadata(entity: string): boolean }>(getDataSourceToken('jobs'), {
      strict: false,
    });
    expect(dataSource.hasMetadata('JobsDelivery')).toBe(true);
  });

  it('refuses options where the module is declared', () => {
    expect(() => JobsModule.forRoot({ worker: { batch: -1 } })).toThrow('JobsModule: option worker.batch');
  });
});

describe('JobsModule.forRootAsync', () => {
  it.each<[string, JobsModuleAsyncOptions]>([
    ['useFactory', { useFactory: () => Promise.resolve(emitOnly) }],
    [
      'useFactory with inject',
      { inject: ['retention'], useFactory: (retention: string): JobsRuntimeOptions => ({ worker: false, retention }) },
    ],
    ['useClass', { useClass: Factory }],
    ['useExisting', { imports: [ConfigModule], useExisting: Factory }],
  ])('takes its options from %s', async (_way, options) => {
    await start(JobsModule.forRootAsync(options), { imports: [ConfigModule] });
    expect(resolved()).toMatchObject({ worker: false, retention: 86_400_000, register: true });
  });

  it('checks what the factory returns', async () => {
    const jobs = JobsModule.forRootAsync({ useFactory: () => ({ worker: { batch: 0 } }) });
    await expect(start(jobs, { connect: false })).rejects.toThrow('JobsModule: option worker.batch must be an integer');
  });

  it('refuses from the factory what decides providers and tables', async () => {
    const jobs = JobsModule.forRootAsync({ useFactory: () => ({ schema: 'late' }) as JobsRuntimeOptions });
    await expect(start(jobs, { connect: false })).rejects.toThrow(
      'JobsModule: option schema must be given beside the factory of forRootAsync',
    );
  });

  it.each<[string, unknown, string]>([
    [
      'no factory',
      {},
      'JobsModule.forRootAsync needs one of useFactory, useClass and useExisting, but was given none.',
    ],
    ['two factories', { useFactory: () => ({}), useClass: Factory }, 'but was given 2.'],
    [
      'options of the factory beside it',
      { useFactory: () => ({}), migrate: true },
      'JobsModule.forRootAsync: there is no option migrate.',
    ],
    ['a schema that is none', { useFactory: () => ({}), schema: 'a.b' }, 'JobsModule: option schema must be a name'],
  ])('refuses %s where the module is declared', (_case, options, message) => {
    expect(() => JobsModule.forRootAsync(options as JobsModuleAsyncOptions)).toThrow(message);
  });
});
