import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { InvalidOptionError, jobsMigrationSql, type JobsMigrationSqlOptions } from '../../lib/index.js';
import { SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';
import { postgresPool } from '../../lib/engine/database/postgres-driver.js';
import { catalogueOf } from '../support/catalogue.js';
import { FilledTables } from '../support/filled-tables.js';
import { SchemaFixture } from '../support/schema-fixture.js';

const LATEST = SCHEMA_VERSIONS.length;

/** Runs the package's command as npm links it. */
function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const file = resolve(__dirname, '../../.build/lib/command-line/nestjs-jobs.js');
  return spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
}

describe.each([
  ['the default schema', undefined],
  ['a schema whose name must be quoted', 'My "Schema"; --'],
])('Migrations as SQL, in %s', (_, schema) => {
  const place = schema === undefined ? {} : { schema };
  let fixture: SchemaFixture;
  let dataSource: DataSource;

  beforeEach(async () => {
    fixture = await SchemaFixture.create(schema);
    dataSource = await fixture.dataSource();
  });
  afterEach(() => fixture.drop());

  /** As a person would who has nothing but `pg`: the whole text at once. */
  const apply = (sql: string): Promise<unknown> => postgresPool(dataSource).query({ text: sql });
  const print = (options: JobsMigrationSqlOptions): string => jobsMigrationSql({ ...place, ...options });

  it('make the tables that the module makes', async () => {
    await apply(print({}));
    const other = await SchemaFixture.create(schema);
    try {
      expect(await catalogueOf(dataSource, schema)).toEqual(await catalogueOf(await other.migrateByModule(), schema));
    } finally {
      await other.drop();
    }
  });

  it('make them a version at a time', async () => {
    await apply(print({}));
    const atOnce = await catalogueOf(dataSource, schema);
    await apply(print({ direction: 'down', to: 0 }));
    const none = await catalogueOf(dataSource, schema);
    for (let version = 0; version < LATEST; version++) await apply(print({ from: version, to: version + 1 }));
    expect([none, await catalogueOf(dataSource, schema)]).toEqual([[], atOnce]);
  });

  it('take the newest version back, and put it there again', async () => {
    await apply(print({ to: LATEST - 1 }));
    const before = await catalogueOf(dataSource, schema);
    await apply(print({ from: LATEST - 1 }));
    await apply(print({ direction: 'down' }));
    expect(await catalogueOf(dataSource, schema)).toEqual(before);
  });

  it('leave nothing to do for TypeORM, nor for the module', async () => {
    await apply(print({}));
    const made = await catalogueOf(dataSource, schema);
    await fixture.migrateByTypeOrm();
    await fixture.migrateByModule();
    expect(await catalogueOf(dataSource, schema)).toEqual(made);
  });

  it('are printed by the command', async () => {
    const { stdout } = command('migration-sql', ...(schema === undefined ? [] : ['--schema', schema]));
    await apply(stdout);
    expect(stdout).toBe(print({}));
  });
});

describe('Migrations as SQL', () => {
  it('are none where there is nothing to do', () => {
    expect([jobsMigrationSql({ from: LATEST }), jobsMigrationSql({ direction: 'down', from: 0 })]).toEqual(['', '']);
  });

  it.each<[string, JobsMigrationSqlOptions, string]>([
    ['a version that is none', { from: 0.5 }, 'option from must be a version of the tables'],
    ['a version that does not exist yet', { to: LATEST + 1 }, 'option to must be a version of the tables'],
    ['going up to a lower version', { from: LATEST, to: 0 }, `option to must be at least ${LATEST}`],
    ['going down to a higher one', { direction: 'down', from: 0, to: 1 }, 'option to must be at most 0'],
    ['another direction', { direction: 'left' as 'up' }, 'option direction must be "up" or "down"'],
  ])('refuse %s', (_, options, message) => {
    expect(() => jobsMigrationSql(options)).toThrow(InvalidOptionError);
    expect(() => jobsMigrationSql(options)).toThrow(message);
  });

  it('go on in one transaction a version', () => {
    const sql = jobsMigrationSql();
    expect([sql.match(/^begin /gm), sql.match(/^commit;/gm)].map((found) => found?.length)).toEqual([LATEST, LATEST]);
  });

  it.each([
    ['--down', ['migration-sql', '--down'], jobsMigrationSql({ direction: 'down' })],
    ['--from and --to', ['migration-sql', '--from', '0', '--to', '1'], jobsMigrationSql({ from: 0, to: 1 })],
  ])('are printed by the command with %s', (_, args, sql) => {
    expect(command(...args)).toMatchObject({ status: 0, stdout: sql, stderr: '' });
  });

  it.each([
    ['no command', [], 'Usage: nestjs-jobs migration-sql'],
    ['an unknown option', ['migration-sql', '--up'], "Unknown option '--up'"],
    ['a version that is none', ['migration-sql', '--from', 'one'], 'option from must be a version of the tables'],
  ])('are not printed for %s, and the command says why', (_, args, message) => {
    expect(command(...args)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(message) as string,
    });
  });

  it('keep what the tables hold', async () => {
    const fixture = await SchemaFixture.create();
    try {
      const dataSource = await fixture.dataSource();
      const tables = new FilledTables(dataSource);
      const apply = (sql: string) => postgresPool(dataSource).query({ text: sql });
      await apply(jobsMigrationSql({ to: LATEST - 1 }));
      await tables.fill(100);
      const before = await tables.fingerprints();
      await apply(jobsMigrationSql({ from: LATEST - 1 }));
      await apply(jobsMigrationSql({ direction: 'down' }));
      expect(await tables.fingerprints()).toEqual(before);
    } finally {
      await fixture.drop();
    }
  });
});
