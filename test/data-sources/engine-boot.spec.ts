import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  getJobsProviderToken,
  getReliableEventsToken,
  type Job,
  JobsModule,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  registerReceivers,
  ReliableEvents,
} from '../../lib/index.js';
import { jobsExports } from '../../lib/jobs.providers.js';
import { TestApplication, type TestApplicationOptions, typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@JobType('invoice.review', { dataSource: 'billing' })
class ReviewInvoice {}

@Injectable()
class Everywhere {
  @OnReliableEvent('lamp.lit', { id: 'here' })
  here(): void {}

  @OnReliableEvent('lamp.lit', { id: 'there', dataSource: 'billing' })
  there(): void {}
}

@Injectable()
class Nowhere {
  @OnReliableEvent('lamp.lit', { dataSource: 'biling' })
  listen(): void {}
}

@Injectable()
class Misplaced {
  @OnJobRequested(ReviewInvoice, { dataSource: 'default' })
  review(_job: Job): void {}
}

describe('The engines of an application', () => {
  let here: TestDatabase;
  let there: TestDatabase;

  beforeAll(async () => {
    [here, there] = [await TestDatabase.create(), await TestDatabase.create()];
  });
  afterAll(() => Promise.all([here.drop(), there.drop()]));

  const billing = () => [
    TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
    JobsModule.forRoot({ dataSource: 'billing', worker: false }),
  ];

  const boot = (options: TestApplicationOptions): Promise<TestApplication> =>
    TestApplication.start(here, { jobs: { worker: false }, imports: billing(), ...options });

  async function failureOf(options: TestApplicationOptions): Promise<unknown> {
    try {
      await (await boot(options)).close();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  }

  it.each<[string, Type[], string]>([
    [
      'a receiver that names a data source without one',
      [Nowhere],
      'Nowhere.listen belongs to data source "biling", for which JobsModule is not set up; it is for "default", "billing". ' +
        'Name another one with the option dataSource (left out, it is "default"), or set the module up for it, too.',
    ],
    [
      'a receiver of jobs that are elsewhere',
      [ReviewInvoice, Misplaced],
      'Misplaced.review: it names the data source "default", but jobs of invoice.review are kept in "billing". Leave the option out.',
    ],
  ])('refuse %s', async (_, providers, message) => {
    expect(await failureOf({ providers })).toBe(message);
  });

  it('refuse a receiver that names none when there is none for the default one', async () => {
    const jobsModule = JobsModule.forRoot({ dataSource: 'billing', worker: false });
    const [typeorm] = billing();
    expect(await failureOf({ jobsModule, imports: [typeorm!], providers: [Everywhere] })).toContain(
      'Everywhere.here belongs to data source "default", for which JobsModule is not set up; it is for "billing".',
    );
  });

  it('refuse a type of job of a data source without one', async () => {
    expect(await failureOf({ imports: [], providers: [ReviewInvoice] })).toContain(
      `@JobType('invoice.review') belongs to data source "billing", for which JobsModule is not set up; it is for "default".`,
    );
  });

  it('are not found under the classes when there is none for the default data source', async () => {
    const jobsModule = JobsModule.forRoot({ dataSource: 'billing', worker: false });
    const app = await boot({ jobsModule, imports: [billing()[0]!] });
    const named = app.context.get<ReliableEvents>(getReliableEventsToken('billing'));
    const found = jobsExports.filter((service) => {
      try {
        return app.context.get(service) !== undefined;
      } catch {
        return false;
      }
    });
    await app.close();
    expect([named, found]).toEqual([expect.any(ReliableEvents), []]);
  });

  it('are all named by one helper, each service by its own token', () => {
    const tokens = jobsExports.map((service) => getJobsProviderToken(service, 'billing'));
    expect(new Set(tokens).size).toBe(jobsExports.length);
  });

  it('have no token for what is no service', () => {
    expect(() => getJobsProviderToken(Everywhere, 'billing')).toThrow(
      'Everywhere is no service of JobsModule; there are ReliableEvents, ',
    );
  });

  it.each(['reference', 'deep-hash'] as const)(
    'are told apart by Nest when it tells modules by %s',
    async (algorithm) => {
      @Module({
        imports: [
          TypeOrmModule.forRoot(typeormOptions(here)),
          JobsModule.forRoot({ worker: false }),
          TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
          JobsModule.forRoot({ dataSource: 'billing', worker: false }),
        ],
      })
      class AppModule {}
      const app = await NestFactory.createApplicationContext(AppModule, {
        logger: false,
        abortOnError: false,
        moduleIdGeneratorAlgorithm: algorithm,
      });
      const [one, other] = [app.get(ReliableEvents), app.get<ReliableEvents>(getReliableEventsToken('billing'))];
      await app.close();
      expect(one).not.toBe(other);
    },
  );

  it('are all registered by the register step', async () => {
    @Module({
      imports: [
        TypeOrmModule.forRoot(typeormOptions(here)),
        JobsModule.forRoot(),
        TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
        JobsModule.forRoot({ dataSource: 'billing' }),
      ],
      providers: [Everywhere],
    })
    class AppModule {}
    const receivers = await registerReceivers(AppModule);
    expect(receivers.map(({ id }) => id).sort()).toEqual(['here', 'there']);
  });
});
