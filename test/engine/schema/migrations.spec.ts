import type { DataSource } from 'typeorm';
import { jobsMigrations } from '../../../lib/schema/jobs-migrations.js';
import { SCHEMA_VERSIONS } from '../../../lib/schema/schema-versions.js';
import { catalogueOf } from '../../support/catalogue.js';
import { SchemaFixture } from '../../support/schema-fixture.js';

const PLACES: readonly [string, string | undefined][] = [
  ['the default schema', undefined],
  ['a schema whose name must be quoted', 'My Schema'],
];

describe.each(PLACES)('Migrations in %s', (_, schema) => {
  let fixture: SchemaFixture;

  beforeEach(async () => {
    fixture = await SchemaFixture.create(schema);
  });
  afterEach(() => fixture.drop());

  const versionRows = async (dataSource: DataSource): Promise<number> => {
    const table = `${schema === undefined ? '' : `"${schema}".`}jobs_schema`;
    const rows: { count: number }[] = await dataSource.query(`select count(*)::int4 as count from ${table}`);
    return rows[0]!.count;
  };

  /** TypeORM has no lock around making its own table, so replicas that start with it find it there. */
  async function makeMigrationsTable(): Promise<void> {
    const dataSource = await fixture.dataSource();
    await dataSource.query(
      'create table migrations (id serial primary key, "timestamp" bigint not null, name varchar not null)',
    );
  }

  it('go up, down and up again', async () => {
    const dataSource = await fixture.migrateByTypeOrm();
    const up = await catalogueOf(dataSource, schema);
    for (let undone = 0; undone < SCHEMA_VERSIONS.length; undone++) await dataSource.undoLastMigration();
    const down = await catalogueOf(dataSource, schema);
    await dataSource.runMigrations();
    expect([down, await catalogueOf(dataSource, schema)]).toEqual([[], up]);
  });

  it('leave nothing to do for a second run, nor for the module', async () => {
    const dataSource = await fixture.migrateByTypeOrm();
    const made = await catalogueOf(dataSource, schema);
    await fixture.migrateByTypeOrm();
    await fixture.migrateByModule();
    expect([await catalogueOf(dataSource, schema), await versionRows(dataSource)]).toEqual([
      made,
      SCHEMA_VERSIONS.length,
    ]);
  });

  it.each(['all', 'each', 'none'] as const)('run with migrationsTransactionMode "%s"', async (mode) => {
    const dataSource = await fixture.migrateByTypeOrm({ migrationsTransactionMode: mode });
    expect(await versionRows(dataSource)).toBe(SCHEMA_VERSIONS.length);
  });

  it('run once when five modules start at once', async () => {
    const [dataSource] = await Promise.all(Array.from({ length: 5 }, () => fixture.migrateByModule()));
    expect(await versionRows(dataSource!)).toBe(SCHEMA_VERSIONS.length);
  });

  it.each(['all', 'each', 'none'] as const)(
    'run once when TypeORM runs them in three processes at once, mode "%s"',
    async (mode) => {
      await makeMigrationsTable();
      const [dataSource] = await Promise.all(
        Array.from({ length: 3 }, () => fixture.migrateByTypeOrm({ migrationsTransactionMode: mode })),
      );
      expect(await versionRows(dataSource!)).toBe(SCHEMA_VERSIONS.length);
    },
  );

  it('run once when both TypeORM and the module run them in several processes at once', async () => {
    await makeMigrationsTable();
    const [dataSource] = await Promise.all([
      fixture.migrateByTypeOrm(),
      fixture.migrateByModule(),
      fixture.migrateByTypeOrm(),
      fixture.migrateByModule(),
    ]);
    expect(await versionRows(dataSource)).toBe(SCHEMA_VERSIONS.length);
  });

  it('run once where transactions are REPEATABLE READ by default', async () => {
    const first = await fixture.dataSource();
    await first.query(`alter database ${fixture.database.name} set default_transaction_isolation = 'repeatable read'`);
    const [dataSource] = await Promise.all(Array.from({ length: 4 }, () => fixture.migrateByModule()));
    expect(await versionRows(dataSource!)).toBe(SCHEMA_VERSIONS.length);
  });

  it('leave nothing behind when one of their statements fails', async () => {
    const dataSource = await fixture.dataSource();
    if (schema !== undefined) await dataSource.query(`create schema "${schema}"`);
    const place = schema === undefined ? '' : `"${schema}".`;
    await dataSource.query(`create table ${place}jobs_worker (mine int)`);
    await expect(fixture.migrateByTypeOrm({ migrationsTransactionMode: 'none' })).rejects.toThrow('already exists');
    expect(await dataSource.query(`select to_regclass($1) as there`, [`${place}jobs_event`])).toEqual([
      { there: null },
    ]);
  });
});

it('Migrations of different schemas have different names, in the order of their versions', () => {
  const names = [undefined, 'one', 'two'].flatMap((schema) =>
    jobsMigrations(schema).map((Migration) => new Migration().name ?? ''),
  );
  expect([new Set(names).size, names.filter((name) => /\d{13}$/.test(name)).length]).toEqual([
    names.length,
    names.length,
  ]);
});
