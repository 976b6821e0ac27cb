import { isolatedSchema } from '../../lib/testing/index.js';
import { TestDatabase } from '../support/test-database.js';

describe('isolatedSchema', () => {
  it('makes an empty schema for the worker of the test runner', async () => {
    const database = await TestDatabase.create();
    const schema = await isolatedSchema(database.url, 'shop');
    expect(schema).toBe(`shop_${process.env['JEST_WORKER_ID']}`);
    const dataSource = await database.dataSource();
    await dataSource.query(`create table ${schema}.left_over ()`);
    await isolatedSchema(database.url, 'shop');
    const tables: unknown[] = await dataSource.query(`select from pg_tables where schemaname = $1`, [schema]);
    expect(tables).toEqual([]);
    await dataSource.destroy();
    await database.drop();
  });

  it('refuses a prefix that is no name', async () => {
    await expect(isolatedSchema('postgres://nowhere', 'My"Schema')).rejects.toThrow('isolatedSchema: prefix must be');
  });

  it('asks for the URL of a database', async () => {
    await expect(isolatedSchema(undefined)).rejects.toThrow('isolatedSchema: url must be the URL of a database');
  });
});
