import type { DataSource } from 'typeorm';
import { catalogueOf } from '../../support/catalogue.js';
import { DdlRecord } from '../../support/ddl-record.js';
import { SchemaFixture } from '../../support/schema-fixture.js';

describe.each([
  ['the default schema', undefined],
  ['a schema whose name must be quoted', 'My Schema'],
])('synchronize: true in %s', (_, schema) => {
  let fixture: SchemaFixture;
  let first: DataSource;
  let record: DdlRecord;
  let made: readonly string[];

  beforeAll(async () => {
    fixture = await SchemaFixture.create(schema);
    if (schema !== undefined) await fixture.createSchema(schema);
    first = await fixture.synchronize();
    made = await catalogueOf(first, schema);
    record = await DdlRecord.begin(first);
  });
  afterAll(() => fixture.drop());
  beforeEach(async () => {
    await record.take();
  });

  it('drops nothing at the second boot', async () => {
    await fixture.synchronize();
    expect(await catalogueOf(first, schema)).toEqual(made);
  });

  it('changes nothing at all at the third boot', async () => {
    await fixture.synchronize();
    expect(await record.take()).toEqual([]);
  });

  it('changes nothing where migrations made the tables', async () => {
    const other = await SchemaFixture.create(schema);
    const migrated = await other.migrateByModule();
    const changes = await DdlRecord.begin(migrated);
    await other.synchronize();
    const taken = await changes.take();
    await other.drop();
    expect(taken).toEqual([]);
  });

  it('leaves nothing to do for migrations', async () => {
    await fixture.migrateByModule();
    expect(await record.take()).toEqual([]);
  });

  it('leaves what the user has beside the tables', async () => {
    await first.query('create table if not exists users_own (id int)');
    await fixture.synchronize();
    expect(await first.query(`select to_regclass('public.users_own') is not null as there`)).toEqual([{ there: true }]);
  });

  it('sees to the revision of the registration again when its table was made anew', async () => {
    const name = `${schema === undefined ? '' : `"${schema}".`}jobs_subscription`;
    await first.query(`drop table ${name}`);
    await fixture.synchronize();
    expect(await catalogueOf(first, schema)).toEqual(made);
  });

  it('sees to the storage options again when the table was made anew', async () => {
    const name = `${schema === undefined ? '' : `"${schema}".`}jobs_delivery`;
    await first.query(`drop table ${name}`);
    await fixture.synchronize();
    expect(await catalogueOf(first, schema)).toEqual(made);
  });
});
