import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, jobsMigrations } from '../../lib/index.js';
import { isolatedSchema, JobsTesting, JobsTestingModule } from '../../lib/testing/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { CloseDoor, DoorOpened, HouseModule } from './support/house.js';

describe.each(['in its default schema', 'in the schema of a worker of the test runner'])(
  'T3: a test database without tables, %s',
  (place) => {
    let database: TestDatabase;
    let schema: string | undefined;
    let app: TestingModule;
    let dataSource: DataSource;

    beforeAll(async () => {
      database = await TestDatabase.create();
      schema = place === 'in its default schema' ? undefined : await isolatedSchema(database.url);
      app = await Test.createTestingModule({
        imports: [
          TypeOrmModule.forRoot(
            typeormOptions(database, {
              synchronize: false,
              migrations: [...jobsMigrations(schema)],
              migrationsRun: true,
            }),
          ),
          JobsModule.forRoot(schema === undefined ? {} : { schema }),
          HouseModule,
          JobsTestingModule.forRoot(),
        ],
      }).compile();
      await app.init();
      dataSource = app.get(DataSource);
    });
    afterAll(async () => {
      await app.close();
      await database.drop();
    });

    it('is given its tables by the migrations, on which the kit works', async () => {
      const jobs = app.get(JobsTesting);
      await jobs.emit(new DoorOpened('front'));
      expect((await jobs.drain()).map(({ receiver, outcome }) => `${receiver} ${outcome}`)).toEqual([
        'lamp succeeded',
        'dog succeeded',
        'moth succeeded',
      ]);
      expect(jobs.requested(CloseDoor)).toHaveLength(1);
    });

    it('is left as it was when they are reverted, and is given them again', async () => {
      const made = await catalogueOf(dataSource, schema);
      for (const _ of jobsMigrations(schema)) await dataSource.undoLastMigration();
      const relations: unknown[] = await dataSource.query(
        `select relname from pg_class
         where relnamespace = $1::text::regnamespace and relkind <> 'i' and relname !~ '^migrations'`,
        [schema ?? 'public'],
      );
      expect([relations, await catalogueOf(dataSource, schema)]).toEqual([[], []]);
      await dataSource.runMigrations();
      expect(await catalogueOf(dataSource, schema)).toEqual(made);
    });
  },
);
