import type { DataSource, DataSourceOptions } from 'typeorm';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { jobsEntities } from '../../lib/schema/jobs-entities.js';
import { jobsMigrations } from '../../lib/schema/jobs-migrations.js';
import { SchemaKeeper } from '../../lib/schema/schema-keeper.js';
import { QueryLog } from './query-log.js';
import { TestDatabase } from './test-database.js';

/** A database without tables, and the ways to make them. */
export class SchemaFixture {
  private readonly dataSources: DataSource[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly schema: string | undefined,
  ) {}

  static async create(schema?: string): Promise<SchemaFixture> {
    return new SchemaFixture(await TestDatabase.create(), schema);
  }

  /** A data source that knows the entities and does nothing by itself; `options` say otherwise. */
  async dataSource(options: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    const dataSource = await this.database.dataSource({
      entities: [...jobsEntities(this.schema)],
      synchronize: false,
      logger: new QueryLog(),
      ...options,
    });
    this.dataSources.push(dataSource);
    return dataSource;
  }

  /** Boots a process whose data source runs the migrations. */
  migrateByTypeOrm(options: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    return this.dataSource({ migrations: [...jobsMigrations(this.schema)], migrationsRun: true, ...options });
  }

  /** Boots a process whose module runs the migrations. */
  async migrateByModule(options: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    return this.prepared(await this.dataSource(options), true);
  }

  /** Boots a process that makes the tables fit the entities. */
  async synchronize(options: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    return this.prepared(await this.dataSource({ synchronize: true, ...options }));
  }

  /** Does what the module does first of all. */
  async prepared(dataSource: DataSource, migrate = false): Promise<DataSource> {
    await new SchemaKeeper(new EngineDatabase(dataSource), this.schema, migrate).prepare();
    return dataSource;
  }

  async createSchema(name: string): Promise<void> {
    const dataSource = await this.dataSource({ entities: [] });
    await dataSource.query(`create schema "${name}"`);
  }

  async drop(): Promise<void> {
    await Promise.all(this.dataSources.filter(({ isInitialized }) => isInitialized).map((one) => one.destroy()));
    await this.database.drop();
  }
}
