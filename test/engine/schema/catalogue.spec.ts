import type { DataSource } from 'typeorm';
import { catalogueOf } from '../../support/catalogue.js';
import { SchemaFixture } from '../../support/schema-fixture.js';

type Way = 'migrateByTypeOrm' | 'migrateByModule' | 'synchronize';

describe.each([
  ['the default schema', undefined, undefined],
  ['a schema of the module', 'engine', undefined],
  ['a schema whose name must be quoted', 'My Schema', undefined],
  ['a schema of the data source', undefined, 'Application'],
  ['a schema of the module beside one of the data source', 'engine', 'Application'],
])('Every way to make the tables in %s', (_, moduleSchema, dataSourceSchema) => {
  const fixtures: SchemaFixture[] = [];
  const catalogues = new Map<Way, readonly string[]>();

  async function catalogueMadeBy(way: Way): Promise<readonly string[]> {
    const fixture = await SchemaFixture.create(moduleSchema);
    fixtures.push(fixture);
    if (dataSourceSchema !== undefined) await fixture.createSchema(dataSourceSchema);
    // TypeORM makes no schemas when it synchronises.
    if (way === 'synchronize' && moduleSchema !== undefined) await fixture.createSchema(moduleSchema);
    const dataSource: DataSource = await fixture[way](
      dataSourceSchema === undefined ? {} : { schema: dataSourceSchema },
    );
    return catalogueOf(dataSource, moduleSchema ?? dataSourceSchema);
  }

  beforeAll(async () => {
    for (const way of ['migrateByTypeOrm', 'migrateByModule', 'synchronize'] as const) {
      catalogues.set(way, await catalogueMadeBy(way));
    }
  });
  afterAll(() => Promise.all(fixtures.map((fixture) => fixture.drop())));

  it('makes something', () => {
    expect(catalogues.get('migrateByTypeOrm')?.length).toBeGreaterThan(80);
  });

  it('ends in the same catalogue, be it by migrations of TypeORM or of the module', () => {
    expect(catalogues.get('migrateByModule')).toEqual(catalogues.get('migrateByTypeOrm'));
  });

  it('ends in the same catalogue, be it by migrations or by synchronize', () => {
    expect(catalogues.get('synchronize')).toEqual(catalogues.get('migrateByTypeOrm'));
  });
});
