import { Injectable } from '@nestjs/common';
import { CURRENT_SCHEMA_VERSION, SCHEMA_VERSIONS } from '../../../lib/schema/schema-versions.js';
import {
  type DeliveryContext,
  jobsEntities,
  JobsSchemaError,
  OnReliableEvent,
  ReliableEvent,
} from '../../../lib/index.js';
import { catalogueOf } from '../../support/catalogue.js';
import { QueryLog } from '../../support/query-log.js';
import { TestApplication, type TestApplicationOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

const NEW_PROCESS = { synchronize: false } as const;

@ReliableEvent('schema.checked')
class SchemaChecked {
  constructor(readonly by: string) {}
}

@Injectable()
class Receivers {
  @OnReliableEvent(SchemaChecked, { id: 'schema.on-checked' })
  async check(_event: SchemaChecked, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) => manager.query('select 1'));
  }
}

describe('The boot check', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(() => database.drop());

  const boot = (options: TestApplicationOptions): Promise<TestApplication> => TestApplication.start(database, options);

  async function refusal(options: TestApplicationOptions): Promise<unknown> {
    return boot(options).then(
      async (application) => {
        await application.close();
        return undefined;
      },
      (error: unknown) => error,
    );
  }

  it('says when the entities are missing, and how to add them', async () => {
    const error = await refusal({ typeorm: { autoLoadEntities: false, ...NEW_PROCESS } });
    expect(error).toEqual(
      new JobsSchemaError(
        'The data source does not know the entities of nestjs-jobs. Set autoLoadEntities: true on TypeOrmModule, ' +
          'or add ...jobsEntities() to the data source\'s "entities".',
      ),
    );
  });

  it('names the schema in what to add', async () => {
    const error = await refusal({
      typeorm: { autoLoadEntities: false, ...NEW_PROCESS },
      jobs: { schema: 'engine' },
    });
    expect(error).toMatchObject({ message: expect.stringContaining("...jobsEntities('engine')") });
  });

  it('says when the entities lie in another schema than the module was given', async () => {
    const error = await refusal({
      typeorm: { autoLoadEntities: false, entities: [...jobsEntities('other')], ...NEW_PROCESS },
      jobs: { schema: 'engine' },
    });
    expect(error).toEqual(
      new JobsSchemaError(
        'The entities of nestjs-jobs lie in schema "other", but JobsModule works in schema "engine". ' +
          "Add ...jobsEntities('engine') to the data source's \"entities\" instead. Applications that start in one process at the same " +
          'time, with schemas of their own, need data sources of different names.',
      ),
    );
  });

  it('says when the module was given no schema, but the entities were', async () => {
    const error = await refusal({
      typeorm: { autoLoadEntities: false, entities: [...jobsEntities('other')], ...NEW_PROCESS },
    });
    expect(error).toMatchObject({
      message: expect.stringContaining('lie in schema "other", but JobsModule works in the schema of the connection'),
    });
  });

  it('says when there are no tables, and how to make them', async () => {
    const error = await refusal({ typeorm: NEW_PROCESS });
    expect(error).toEqual(
      new JobsSchemaError(
        `The tables of nestjs-jobs are at version 0, this package needs ${CURRENT_SCHEMA_VERSION}. ` +
          'Add ...jobsMigrations() to the data source\'s "migrations" and run them, ' +
          'or let the module do it with JobsModule.forRoot({ migrate: true }).',
      ),
    );
  });

  it('says when the tables are behind', async () => {
    const first = await boot({ jobs: { migrate: true, worker: false }, typeorm: NEW_PROCESS });
    await first.dataSource.query('delete from jobs_schema');
    await first.close();
    const error = await refusal({ typeorm: NEW_PROCESS });
    expect(error).toMatchObject({ message: expect.stringContaining('are at version 0') });
  });

  it('lets a process start beside tables of a newer version', async () => {
    const first = await boot({ jobs: { migrate: true, worker: false }, typeorm: NEW_PROCESS });
    await first.dataSource.query('insert into jobs_schema (version) values ($1)', [CURRENT_SCHEMA_VERSION + 1]);
    await first.close();
    expect(await refusal({ typeorm: NEW_PROCESS, jobs: { worker: false } })).toBeUndefined();
  });

  it('lets a process migrate beside tables of a newer version, and leaves them alone', async () => {
    const first = await boot({ jobs: { migrate: true, worker: false }, typeorm: NEW_PROCESS });
    await first.dataSource.query('insert into jobs_schema (version) values ($1)', [CURRENT_SCHEMA_VERSION + 1]);
    const before = await catalogueOf(first.dataSource);
    const second = await boot({ jobs: { migrate: true, worker: false }, typeorm: NEW_PROCESS });
    const after = await catalogueOf(first.dataSource);
    await Promise.all([first.close(), second.close()]);
    expect(after).toEqual(before);
  });

  it('works in a schema of the data source', async () => {
    const maker = await database.dataSource({ synchronize: false });
    await maker.query('create schema "Application"');
    await maker.destroy();
    const application = await boot({
      providers: [Receivers],
      jobs: { migrate: true },
      typeorm: { schema: 'Application', ...NEW_PROCESS },
    });
    await application.events.emit(new SchemaChecked('me'));
    const drained = until(async () => (await application.count('"Application".jobs_delivery')) === 0);
    await expect(drained.finally(() => application.close())).resolves.toBeUndefined();
  });
});

describe('migrate: true in several applications', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(() => database.drop());

  it.each([
    ['the default schema', undefined, 'jobs_'],
    ['a schema of its own', 'My Schema', '"My Schema".jobs_'],
  ])('that start at once on an empty database makes %s once, and all of them work', async (_, schema, prefix) => {
    const options: TestApplicationOptions = {
      providers: [Receivers],
      jobs: { migrate: true, ...(schema === undefined ? {} : { schema }) },
      typeorm: NEW_PROCESS,
    };
    const applications = await Promise.all([1, 2, 3].map(() => TestApplication.start(database, options)));
    for (const [index, { events }] of applications.entries()) await events.emit(new SchemaChecked(String(index)));
    const [first] = applications;
    await until(async () => (await first!.count(`${prefix}delivery`)) === 0, 'an empty queue');
    const counts = await Promise.all(
      ['schema', 'receiver', 'subscription', 'event', 'worker'].map((table) => first!.count(prefix + table)),
    );
    await Promise.all(applications.map((application) => application.close()));
    expect(counts).toEqual([SCHEMA_VERSIONS.length, 1, 1, 3, 3]);
  });
});

describe("The user's query log", () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(() => database.drop());

  it('shows none of the statements of the engine, from its migrations to the acknowledgement', async () => {
    const log = new QueryLog();
    const application = await TestApplication.start(database, {
      providers: [Receivers],
      jobs: { migrate: true },
      typeorm: { logging: 'all', logger: log, ...NEW_PROCESS },
    });
    await application.dataSource.transaction((manager) =>
      application.events.emit(new SchemaChecked('me'), { manager }),
    );
    await application.events.emit(new SchemaChecked('you'));
    const other = await database.dataSource({ synchronize: false });
    await until(async () => (await other.query('select from jobs_delivery limit 1')).length === 0, 'an empty queue');
    await application.close();
    await other.destroy();
    expect([log.lines.filter((line) => /jobs_/.test(line)), log.lines.includes('COMMIT')]).toEqual([[], true]);
  });
});
