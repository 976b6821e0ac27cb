import { Injectable, type Provider } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  getReliableEventsToken,
  Job,
  jobsMigrations,
  JobsModule,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
} from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions, typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('lamp.lit')
class LampLit {
  constructor(readonly room: string) {}
}

abstract class Lamps {
  readonly heard: string[] = [];
}

@Injectable()
class HallLamps extends Lamps {
  @OnReliableEvent(LampLit, { id: 'hall' })
  light({ room }: LampLit): void {
    this.heard.push(room);
  }
}

@Injectable()
class AtticLamps extends Lamps {
  @OnReliableEvent(LampLit, { id: 'attic' })
  light({ room }: LampLit): void {
    this.heard.push(room);
  }
}

@Injectable()
class BillingLamps extends Lamps {
  @OnReliableEvent(LampLit, { id: 'hall', dataSource: 'billing' })
  light({ room }: LampLit): void {
    this.heard.push(room);
  }
}

const quick: JobsModuleOptions = { worker: { pollInterval: '50ms' } };

describe('In one process', () => {
  let database: TestDatabase;
  let other: TestDatabase;
  const open: TestApplication[] = [];

  beforeEach(async () => {
    [database, other] = [await TestDatabase.create(), await TestDatabase.create()];
  });
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
    await Promise.all([database.drop(), other.drop()]);
  });

  async function start(
    on: TestDatabase,
    lamps: Provider,
    { jobs = {}, ...options }: TestApplicationOptions = {},
  ): Promise<TestApplication> {
    const app = await TestApplication.start(on, { providers: [lamps], jobs: { ...quick, ...jobs }, ...options });
    open.push(app);
    return app;
  }

  async function withSchemas(...schemas: string[]): Promise<void> {
    const dataSource = await database.dataSource({ synchronize: false });
    for (const schema of schemas) await dataSource.query(`create schema ${schema}`);
    await dataSource.destroy();
  }

  /** Schemas in which there are tables of ours. */
  async function schemasOf(dataSource: DataSource): Promise<string[]> {
    const rows = await dataSource.query<{ schemaname: string }[]>(
      `select distinct schemaname from pg_tables where tablename like 'jobs%' order by 1`,
    );
    return rows.map(({ schemaname }) => schemaname);
  }

  const heard = (app: TestApplication, lamps: typeof HallLamps): string[] => app.context.get(lamps).heard;

  describe('two applications on one database', () => {
    let hall: TestApplication;
    let attic: TestApplication;

    beforeEach(async () => {
      hall = await start(database, HallLamps);
      attic = await start(database, AtticLamps, { typeorm: { synchronize: false } });
    });

    it.each(['hall', 'attic'])('reach the receivers of both when %s emits, and each runs its own', async (emitter) => {
      await (emitter === 'hall' ? hall : attic).events.emit(new LampLit('1'));
      await hall.drained();
      expect([heard(hall, HallLamps), heard(attic, AtticLamps)]).toEqual([['1'], ['1']]);
    });

    it('keep what one of them has no receiver for until the other is back', async () => {
      await attic.close();
      open.splice(open.indexOf(attic), 1);
      await hall.events.emit(new LampLit('1'));
      await until(() => heard(hall, HallLamps).length === 1);
      const waiting = await hall.count('jobs_delivery', 'claims = 0');
      const back = await start(database, AtticLamps, { typeorm: { synchronize: false } });
      await back.drained();
      expect([waiting, heard(hall, HallLamps), heard(back, AtticLamps)]).toEqual([1, ['1'], ['1']]);
    });

    it('are shut down one by one: the other goes on', async () => {
      await attic.close();
      open.splice(open.indexOf(attic), 1);
      await hall.events.emit(new LampLit('1'));
      await until(() => heard(hall, HallLamps).length === 1);
      expect(heard(hall, HallLamps)).toEqual(['1']);
    });
  });

  describe('two applications with schemas of their own on one database', () => {
    it.each<[string, TestApplicationOptions['typeorm'], JobsModuleOptions]>([
      ['synchronize', { synchronize: true }, {}],
      ['migrate', { synchronize: false }, { migrate: true }],
    ])('have nothing in common, set up by %s', async (_, typeorm, jobs) => {
      await withSchemas('upstairs', 'downstairs');
      const [up, down] = [
        await start(database, HallLamps, { ...{ typeorm }, jobs: { ...jobs, schema: 'upstairs' } }),
        await start(database, HallLamps, { ...{ typeorm }, jobs: { ...jobs, schema: 'downstairs' } }),
      ];
      await up.events.emit(new LampLit('up'));
      await down.events.emit(new LampLit('down'));
      await until(() => heard(up, HallLamps).length + heard(down, HallLamps).length === 2);
      expect([
        heard(up, HallLamps),
        heard(down, HallLamps),
        await schemasOf(up.dataSource),
        up.dataSource.getMetadata(Job).tablePath,
        down.dataSource.getMetadata(Job).tablePath,
      ]).toEqual([['up'], ['down'], ['downstairs', 'upstairs'], 'upstairs.jobs_job', 'downstairs.jobs_job']);
    });

    it('leave the one without a schema of its own alone', async () => {
      await withSchemas('upstairs');
      const up = await start(database, HallLamps, { jobs: { schema: 'upstairs' } });
      const plain = await start(other, HallLamps);
      await plain.events.emit(new LampLit('plain'));
      await plain.drained();
      expect([
        heard(plain, HallLamps),
        await schemasOf(plain.dataSource),
        await schemasOf(up.dataSource),
        plain.dataSource.getMetadata(Job).tablePath,
      ]).toEqual([['plain'], ['public'], ['upstairs'], 'jobs_job']);
    });

    it('are refused when they start at the same time under one name, and no tables are mixed up', async () => {
      await withSchemas('upstairs', 'downstairs');
      const attempts = await Promise.allSettled(
        ['upstairs', 'downstairs'].map((schema) =>
          start(database, HallLamps, { typeorm: { synchronize: false }, jobs: { schema, migrate: true } }),
        ),
      );
      const failures = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [String(attempt.reason)] : []));
      expect(failures).toEqual([
        expect.stringContaining(
          'The entities of nestjs-jobs lie in schema "downstairs", but JobsModule works in schema "upstairs".',
        ),
      ]);
    });

    it('start at the same time when their data sources have names', async () => {
      await withSchemas('upstairs', 'downstairs');
      const apps = await Promise.all(
        ['upstairs', 'downstairs'].map((schema) =>
          start(
            database,
            { provide: 'no receivers', useValue: 0 },
            {
              typeorm: { name: schema },
              jobs: { schema, dataSource: schema },
            },
          ),
        ),
      );
      const [up, down] = ['upstairs', 'downstairs'].map((name, index) =>
        apps[index]!.context.get<DataSource>(getDataSourceToken(name)),
      );
      expect([up!.getMetadata(Job).schema, down!.getMetadata(Job).schema, await schemasOf(up!)]).toEqual([
        'upstairs',
        'downstairs',
        ['downstairs', 'upstairs'],
      ]);
    });
  });

  describe('one application with two data sources on one database', () => {
    const named = (options: Parameters<typeof typeormOptions>[1]) =>
      TypeOrmModule.forRoot({ ...typeormOptions(database, options), name: 'billing' });

    it.each<[string, (schema: string) => Parameters<typeof typeormOptions>[1], JobsModuleOptions]>([
      ['synchronize, and schema of the module', () => ({}), {}],
      ['migrate, and schema of the module', () => ({ synchronize: false }), { migrate: true }],
      [
        'migrations of TypeORM, and schema of the module',
        (schema) => ({
          synchronize: false,
          migrations: [...jobsMigrations(schema)],
          migrationsRun: true,
          // Both would make the same table at the same time, which TypeORM does without a lock.
          migrationsTableName: `migrations_of_${schema}`,
        }),
        {},
      ],
    ])('and a schema for each does not mix them up, by %s', async (_, typeorm, jobs) => {
      await withSchemas('sales', 'billing');
      const app = await start(database, HallLamps, {
        typeorm: typeorm('sales'),
        imports: [
          named(typeorm('billing')),
          JobsModule.forRoot({ ...quick, ...jobs, dataSource: 'billing', schema: 'billing' }),
        ],
        providers: [HallLamps, BillingLamps],
        jobs: { ...jobs, schema: 'sales' },
      });
      await app.context.get(ReliableEvents).emit(new LampLit('sales'));
      await app.context.get<ReliableEvents>(getReliableEventsToken('billing')).emit(new LampLit('billing'));
      await until(() => heard(app, HallLamps).length + heard(app, BillingLamps).length === 2);
      expect([heard(app, HallLamps), heard(app, BillingLamps), await schemasOf(app.dataSource)]).toEqual([
        ['sales'],
        ['billing'],
        ['billing', 'sales'],
      ]);
    });

    it('and a schema of each data source does not mix them up, by synchronize', async () => {
      await withSchemas('sales', 'billing');
      const app = await start(database, HallLamps, {
        typeorm: { schema: 'sales' },
        imports: [named({ schema: 'billing' }), JobsModule.forRoot({ ...quick, dataSource: 'billing' })],
        providers: [HallLamps, BillingLamps],
      });
      await app.context.get<ReliableEvents>(getReliableEventsToken('billing')).emit(new LampLit('billing'));
      await until(() => heard(app, BillingLamps).length === 1);
      const billing = app.context.get<DataSource>(getDataSourceToken('billing'));
      expect([
        heard(app, HallLamps),
        await schemasOf(app.dataSource),
        app.dataSource.getMetadata(Job).tablePath,
        billing.getMetadata(Job).tablePath,
      ]).toEqual([[], ['billing', 'sales'], 'sales.jobs_job', 'billing.jobs_job']);
    });
  });
});
