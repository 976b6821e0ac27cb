import type { MigrationInterface, QueryRunner } from 'typeorm';

import type { SchemaPlace, SchemaVersion } from '../engine/schema/schema-version.js';
import { qualifiedTable, tableNames } from '../engine/schema/table-names.js';
import { assertSchemaName } from './assert-schema-name.js';
import { SCHEMA_VERSIONS } from './schema-versions.js';
import { type LockPatience, type RunSql, whileLocked } from './table-locks.js';

/** Any number that nobody else is likely to lock. */
const MIGRATION_LOCK = 7714202611;

/** A migration as a data source's `migrations` option takes it. */
export type JobsMigration = new () => MigrationInterface;

/**
 * The migrations to give to a data source, for those who run them with TypeORM.
 *
 * @param schema the schema given to `JobsModule`; left out when the tables live in the data source's own.
 * @throws InvalidOptionError when the schema is no name.
 * @publicApi
 */
export function jobsMigrations(schema?: string): readonly JobsMigration[] {
  assertSchemaName('jobsMigrations', schema);
  return SCHEMA_VERSIONS.map((version) => toMigration(version, schema));
}

function toMigration(version: SchemaVersion, schema: string | undefined): JobsMigration {
  // TypeORM reads the order of migrations from the thirteen digits at the end of their names. With the schema in it, tables that move
  // to another schema are migrations that did not run yet.
  const name = `NestjsJobs${version.version}${schema === undefined ? '' : `In${schema}`}v${version.timestamp}`;
  return class implements MigrationInterface {
    readonly name = name;

    async up(queryRunner: QueryRunner): Promise<void> {
      const place = placeOf(schema, queryRunner);
      await inTransaction(queryRunner, () => applyVersion(version, place, (sql) => queryRunner.query(sql)));
    }

    async down(queryRunner: QueryRunner): Promise<void> {
      const place = placeOf(schema, queryRunner);
      await inTransaction(queryRunner, () => revertVersion(version, place, (sql) => queryRunner.query(sql)));
    }
  };
}

/** Without a transaction (`migrationsTransactionMode: 'none'`) the lock would be gone at once, and a failure would leave half the tables. */
async function inTransaction(queryRunner: QueryRunner, work: () => Promise<void>): Promise<void> {
  if (queryRunner.isTransactionActive) {
    await work();
    return;
  }
  await queryRunner.startTransaction('READ COMMITTED');
  try {
    await work();
    await queryRunner.commitTransaction();
  } catch (error) {
    await queryRunner.rollbackTransaction();
    throw error;
  }
}

/** The tables' place for a schema given to the module, or else the data source's own. */
export function schemaPlace(schema: string | undefined, dataSourceSchema: string | undefined): SchemaPlace {
  const effective = schema ?? dataSourceSchema;
  return { schema, names: tableNames(effective), table: (name) => qualifiedTable(name, effective) };
}

/** Applies one version unless it was, on a connection in a transaction; whoever comes second waits and then finds it applied. */
export async function applyVersion(
  version: SchemaVersion,
  place: SchemaPlace,
  run: RunSql,
  patience?: LockPatience,
): Promise<void> {
  await inTurn(run, async () => {
    if (await isApplied(version, place, run)) return;
    await whileLocked(
      version.changes?.(place) ?? [],
      run,
      async () => {
        for (const sql of [...version.up(place), recordStatement(version, place)]) await run(sql);
      },
      patience,
    );
  });
}

/** Takes one version back, on a connection in a transaction. */
export async function revertVersion(
  version: SchemaVersion,
  place: SchemaPlace,
  run: RunSql,
  patience?: LockPatience,
): Promise<void> {
  await inTurn(run, async () => {
    await whileLocked(
      version.changes?.(place) ?? [],
      run,
      async () => {
        for (const sql of version.down(place)) await run(sql);
      },
      patience,
    );
  });
}

/** Remembers that a version was applied. */
export function recordStatement({ version }: SchemaVersion, { names }: SchemaPlace): string {
  return `insert into ${names.schemaVersion} (version) values (${version})`;
}

/** Lets one migrator at a time do its work. */
export const takeTurn = `select pg_advisory_xact_lock(${MIGRATION_LOCK})`;

/** The transaction may have other migrations after this one, which must find their own `lock_timeout` again. */
async function inTurn(run: RunSql, work: () => Promise<void>): Promise<void> {
  const [setting] = await rowsOf(run(`select current_setting('lock_timeout') as before`));
  const before = typeof setting?.['before'] === 'string' ? setting['before'] : '0';
  // Whoever has the turn may need it for as long as it takes to change large tables.
  await run('set local lock_timeout = 0');
  await run(takeTurn);
  await work();
  await run(`set local lock_timeout = '${before}'`);
}

async function isApplied(version: SchemaVersion, place: SchemaPlace, run: RunSql): Promise<boolean> {
  const literal = place.names.schemaVersion.replaceAll("'", "''");
  const [table] = await rowsOf(run(`select to_regclass('${literal}') is not null as present`));
  if (table?.['present'] !== true) return false;
  const [row] = await rowsOf(
    run(`select exists (select from ${place.names.schemaVersion} where version = ${version.version}) as present`),
  );
  return row?.['present'] === true;
}

/** TypeORM answers a query with its rows, `pg` with a result that holds them. */
async function rowsOf(answer: Promise<unknown>): Promise<readonly Record<string, unknown>[]> {
  const value = await answer;
  const rows = typeof value === 'object' && value !== null && 'rows' in value ? value.rows : value;
  return Array.isArray(rows) ? (rows as readonly Record<string, unknown>[]) : [];
}

function placeOf(schema: string | undefined, queryRunner: QueryRunner): SchemaPlace {
  const { options } = 'dataSource' in queryRunner ? queryRunner.dataSource : queryRunner['connection'];
  return schemaPlace(schema, 'schema' in options && typeof options.schema === 'string' ? options.schema : undefined);
}
