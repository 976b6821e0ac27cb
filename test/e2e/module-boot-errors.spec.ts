import { Injectable, type DynamicModule } from '@nestjs/common';
import { JobsModule, type JobsRuntimeOptions, OnReliableEvent } from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@Injectable()
class Receivers {
  @OnReliableEvent('door.opened', { id: 'doors', transactional: true, concurrency: 4 })
  doors(): void {}
}

const asynchronously = (options: object): (() => DynamicModule) => {
  return () => JobsModule.forRootAsync(options);
};
const made = (options: unknown): DynamicModule =>
  JobsModule.forRootAsync({ useFactory: () => options as JobsRuntimeOptions });

describe('The boot fails', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  it.each<[string, TestApplicationOptions, string]>([
    [
      'when the data source does not know the entities',
      { typeorm: { autoLoadEntities: false } },
      'The data source does not know the entities of nestjs-jobs. ' +
        'Set autoLoadEntities: true on TypeOrmModule, or add ...jobsEntities() to the data source\'s "entities".',
    ],
    [
      'when there are no tables',
      { typeorm: { synchronize: false } },
      'The tables of nestjs-jobs are at version 0, this package needs 6. ' +
        'Add ...jobsMigrations() to the data source\'s "migrations" and run them, ' +
        'or let the module do it with JobsModule.forRoot({ migrate: true }).',
    ],
    [
      'when the module is set up twice for one data source',
      { imports: [JobsModule.forRoot()] },
      'JobsModule is set up twice for one data source, so two workers would run. Call forRoot once, in the root module; ' +
        'it is global, other modules need no import.',
    ],
    [
      'when a receiver asks for more transactions than the pool has connections',
      { typeorm: { poolSize: 4 }, providers: [Receivers] },
      'concurrency of the transactional receiver "doors" is 4, which cannot work with a pool of 4 connections: ' +
        'a receiver that calls a repository beside its transaction would wait for ever. ' +
        'Use at most 3, or raise poolSize of the data source to at least 5.',
    ],
    [
      'when the worker is asked for more transactions than the pool has connections',
      { typeorm: { poolSize: 4 }, jobs: { worker: { transactionalConcurrency: 10 } } },
      'worker.transactionalConcurrency is 10, which cannot work with a pool of 4 connections',
    ],
    [
      'when a factory makes what must stand beside it',
      { jobsModule: made({ schema: 'late' }) },
      'JobsModule: option schema must be given beside the factory of forRootAsync, as it decides providers and tables, but is the string "late".',
    ],
    [
      'when a factory makes nothing',
      { jobsModule: made(undefined) },
      'JobsModule: option (the options) must be what the factory of forRootAsync returns; return {} for the defaults, but is undefined.',
    ],
    [
      'when a factory makes an option that does not exist',
      { jobsModule: made({ requireTransactions: true }) },
      'JobsModule: there is no option requireTransactions. Did you mean requireTransaction?',
    ],
  ])('%s', async (_, options, message) => {
    await expect(TestApplication.start(database, options)).rejects.toThrow(message);
  });

  it.each([
    ['none', {}, 'was given none'],
    ['two', { useFactory: () => ({}), useExisting: 'a' }, 'was given 2'],
  ])('before it begins when forRootAsync is given %s of its ways', (_, options, message) => {
    expect(asynchronously(options)).toThrow(
      `JobsModule.forRootAsync needs one of useFactory, useClass and useExisting, but ${message}. ` +
        'Without anything to wait for, use JobsModule.forRoot.',
    );
  });

  it('before it begins when forRootAsync is given an option of forRoot', () => {
    expect(asynchronously({ useFactory: () => ({}), retention: '1d' })).toThrow(
      'JobsModule.forRootAsync: there is no option retention.',
    );
  });
});
