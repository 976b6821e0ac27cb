import type { DataSource } from 'typeorm';

import { JobsSchemaError } from '../errors/jobs-schema.error.js';
import type { EngineConnection } from '../engine/database/engine-connection.js';
import type { EngineDatabase } from '../engine/database/engine-database.js';
import { applyVersion, schemaPlace } from './jobs-migrations.js';
import type { SchemaPlace } from '../engine/schema/schema-version.js';
import { quoteIdentifier, type TableNames } from '../engine/schema/table-names.js';
import { jobsEntities } from './jobs-entities.js';
import type { SchemaInspection } from './schema-inspection.js';
import { CURRENT_SCHEMA_VERSION, SCHEMA_VERSIONS } from './schema-versions.js';

/** Makes sure, before anything else runs, that the tables are there in the version this package works with. */
export class SchemaKeeper {
  private readonly place: SchemaPlace;

  /**
   * @param schema the schema given to the module; `undefined` for the data source's own.
   * @param migrate whether to bring the tables up to date here.
   */
  constructor(
    private readonly database: EngineDatabase,
    private readonly schema: string | undefined,
    private readonly migrate: boolean,
  ) {
    this.place = schemaPlace(schema, dataSourceSchema(database.dataSource));
  }

  get names(): TableNames {
    return this.place.names;
  }

  /** Schema in which the tables lie; `undefined` leaves it to the connection's search path. */
  get effectiveSchema(): string | undefined {
    return this.schema ?? dataSourceSchema(this.database.dataSource);
  }

  /**
   * Migrates when told to, completes what `synchronize` made, and checks.
   *
   * @throws JobsSchemaError when entities are missing or the tables are behind; the message says what to do.
   */
  async prepare(): Promise<void> {
    this.assertEntities();
    if (this.database.dataSource.options.synchronize === true) await this.completeSynchronized();
    else if (this.migrate) await this.migrateAll();
    const version = await this.readVersion();
    if (version < CURRENT_SCHEMA_VERSION) throw new JobsSchemaError(this.behindMessage(version));
  }

  /** How the tables are now, whatever they were at the start. */
  async inspect(connection: EngineConnection): Promise<SchemaInspection> {
    const version = await this.readVersion(connection);
    const tables = jobsEntities(this.schema).map(({ options }) => this.qualified(options.tableName ?? ''));
    const { rows } = await connection.runUnprepared<{ name: string }>(
      'select t.name from unnest($1::text[]) t(name) where to_regclass(t.name) is null',
      [tables],
    );
    return {
      entities: this.missingEntities(),
      version,
      needed: CURRENT_SCHEMA_VERSION,
      missing: rows.map(({ name }) => name),
      remedy: this.remedyForOldTables(),
    };
  }

  private qualified(table: string): string {
    const { effectiveSchema } = this;
    return effectiveSchema === undefined
      ? quoteIdentifier(table)
      : `${quoteIdentifier(effectiveSchema)}.${quoteIdentifier(table)}`;
  }

  private missingEntities(): string | null {
    try {
      this.assertEntities();
      return null;
    } catch (error) {
      return error instanceof JobsSchemaError ? error.message : String(error);
    }
  }

  private assertEntities(): void {
    const { dataSource } = this.database;
    const argument = this.schema === undefined ? '' : `'${this.schema}'`;
    const schemas = dataSource.entityMetadatas.filter(({ name }) => name === 'JobsEvent').map(({ schema }) => schema);
    if (schemas.length === 0) {
      throw new JobsSchemaError(
        'The data source does not know the entities of nestjs-jobs. ' +
          `Set autoLoadEntities: true on TypeOrmModule, or add ...jobsEntities(${argument}) to the data source's "entities".`,
      );
    }
    const expected = this.schema ?? dataSourceSchema(dataSource);
    if (schemas.some((schema) => schema !== expected)) {
      throw new JobsSchemaError(
        `The entities of nestjs-jobs lie in ${schemas.map(describe).join(' and ')}, but JobsModule works in ${describe(expected)}. ` +
          `Add ...jobsEntities(${argument}) to the data source's "entities" instead. Applications that start in one process at the same ` +
          'time, with schemas of their own, need data sources of different names.',
      );
    }
  }

  private async migrateAll(): Promise<void> {
    for (const version of SCHEMA_VERSIONS) {
      await this.database.transaction((connection) =>
        applyVersion(version, this.place, (sql) => connection.runUnprepared(sql)),
      );
    }
  }

  private async completeSynchronized(): Promise<void> {
    if ((await this.readVersion()) >= CURRENT_SCHEMA_VERSION && (await this.isCompleted())) return;
    await this.database.transaction(async (connection) => {
      await connection.runUnprepared(`lock table ${this.names.schemaVersion} in share row exclusive mode`);
      for (const version of SCHEMA_VERSIONS) {
        for (const sql of version.extras(this.place)) await connection.runUnprepared(sql);
        await connection.runUnprepared(
          `insert into ${this.names.schemaVersion} (version) values ($1) on conflict do nothing`,
          [version.version],
        );
      }
    });
  }

  private async isCompleted(): Promise<boolean> {
    const { rows } = await this.connection.runUnprepared<{ present: boolean }>(
      `select reloptions is not null and exists (
         select from pg_catalog.pg_trigger where tgrelid = to_regclass($2) and tgname = 'jobs_new_revision') as present
       from pg_catalog.pg_class where oid = to_regclass($1)`,
      [this.names.delivery, this.names.subscription],
    );
    return rows[0]?.present === true;
  }

  private async readVersion(connection: EngineConnection = this.connection): Promise<number> {
    const { rows: tables } = await connection.runUnprepared<{ present: boolean }>(
      'select to_regclass($1) is not null as present',
      [this.names.schemaVersion],
    );
    if (tables[0]?.present !== true) return 0;
    const { rows } = await connection.runUnprepared<{ version: number }>(
      `select coalesce(max(version), 0)::int4 as version from ${this.names.schemaVersion}`,
    );
    return rows[0]?.version ?? 0;
  }

  private get connection(): EngineConnection {
    return this.database.connection;
  }

  private behindMessage(version: number): string {
    return (
      `The tables of nestjs-jobs are at version ${version}, this package needs ${CURRENT_SCHEMA_VERSION}. ` +
      this.remedyForOldTables()
    );
  }

  private remedyForOldTables(): string {
    const argument = this.schema === undefined ? '' : `'${this.schema}'`;
    return (
      `Add ...jobsMigrations(${argument}) to the data source's "migrations" and run them, ` +
      'or let the module do it with JobsModule.forRoot({ migrate: true }).'
    );
  }
}

function dataSourceSchema(dataSource: DataSource): string | undefined {
  const { options } = dataSource;
  return 'schema' in options && typeof options.schema === 'string' ? options.schema : undefined;
}

function describe(schema: string | undefined): string {
  return schema === undefined ? 'the schema of the connection' : `schema "${schema}"`;
}
