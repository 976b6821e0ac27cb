import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';
import { catalogueOf } from '../support/catalogue.js';
import { SchemaFixture } from '../support/schema-fixture.js';

const root = resolve(__dirname, '../..');

describe('The command line of TypeORM', () => {
  let fixture: SchemaFixture;
  let dataSource: DataSource;

  beforeEach(async () => {
    fixture = await SchemaFixture.create();
    dataSource = await fixture.dataSource();
  });
  afterEach(() => fixture.drop());

  function typeorm(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve(root, 'node_modules/typeorm/cli.js'), ...args, '-d', '.build/test/children/data-source.js'],
      { cwd: root, encoding: 'utf8', env: { ...process.env, DATABASE_URL: fixture.database.url } },
    );
    if (status !== 0) throw new Error(`typeorm ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  it('makes the tables that the module makes', async () => {
    typeorm('migration:run');
    const other = await SchemaFixture.create();
    try {
      expect(await catalogueOf(dataSource)).toEqual(await catalogueOf(await other.migrateByModule()));
    } finally {
      await other.drop();
    }
  });

  it('takes the newest version back, and makes it again', async () => {
    typeorm('migration:run');
    const made = unnumbered(await catalogueOf(dataSource));
    typeorm('migration:revert');
    const versions: unknown = await dataSource.query('select max(version) as newest from jobs_schema');
    typeorm('migration:run');
    const again = unnumbered(await catalogueOf(dataSource));
    expect([versions, again]).toEqual([[{ newest: SCHEMA_VERSIONS.length - 1 }], made]);
  });

  it('finds nothing left to be migrated by comparing the entities with the tables', () => {
    typeorm('migration:run');
    expect(typeorm('schema:log')).toContain('Your schema is up to date');
  });
});

/** The number of a column that was dropped is not given again. */
function unnumbered(catalogue: readonly string[]): string[] {
  return catalogue.map((line) => line.replace(/, number \d+,/, ','));
}
