import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { SchemaVersion } from '../engine/schema/schema-version.js';
import { assertSchemaName } from './assert-schema-name.js';
import { recordStatement, schemaPlace, takeTurn } from './jobs-migrations.js';
import { CURRENT_SCHEMA_VERSION, SCHEMA_VERSIONS } from './schema-versions.js';
import { lockStatements } from './table-locks.js';

/**
 * Which migrations to write out.
 *
 * @publicApi
 */
export interface JobsMigrationSqlOptions {
  /** Schema of the tables, as given to `JobsModule`; left out when they live where the connection looks first. */
  readonly schema?: string;
  /** `up` to make or update the tables, `down` to take versions back. `up` by default. */
  readonly direction?: 'up' | 'down';
  /** Version the tables are at. By default 0 (there are none) for `up`, and the newest for `down`. */
  readonly from?: number;
  /** Version to end at. By default the newest for `up`, and the one below `from` for `down`; 0 drops the tables. */
  readonly to?: number;
}

const DIRECTIONS: readonly string[] = ['up', 'down'];

/**
 * The migrations as SQL, for those whose database is changed by other means than TypeORM: one transaction a version. What
 * {@link jobsMigrations} finds applied this way, it leaves alone.
 *
 * @returns the statements of all versions in their order; empty when there is nothing to do.
 * @throws InvalidOptionError when there is no such version, or `to` does not lie in the direction.
 * @publicApi
 */
export function jobsMigrationSql(options: JobsMigrationSqlOptions = {}): string {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null)
    throw new InvalidOptionError('jobsMigrationSql', '(the options)', 'an object such as { from: 1 }', given);
  const { schema, direction = 'up' } = options;
  assertSchemaName('jobsMigrationSql', schema);
  if (!DIRECTIONS.includes(direction)) {
    throw new InvalidOptionError('jobsMigrationSql', 'direction', '"up" or "down"', direction);
  }
  const up = direction === 'up';
  const from = versionOption('from', options.from ?? (up ? 0 : CURRENT_SCHEMA_VERSION));
  const to = versionOption('to', options.to ?? (up ? CURRENT_SCHEMA_VERSION : Math.max(0, from - 1)));
  if (up ? to < from : to > from) {
    const expectation = `${up ? 'at least' : 'at most'} ${from}, the version to start from when going ${direction}`;
    throw new InvalidOptionError('jobsMigrationSql', 'to', expectation, to);
  }
  const between = SCHEMA_VERSIONS.filter(
    ({ version }) => version > Math.min(from, to) && version <= Math.max(from, to),
  );
  return (up ? between : between.reverse()).map((version) => transactionOf(version, schema, up)).join('\n');
}

function versionOption(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= CURRENT_SCHEMA_VERSION) return value;
  throw new InvalidOptionError(
    'jobsMigrationSql',
    name,
    `a version of the tables, 0 to ${CURRENT_SCHEMA_VERSION}`,
    value,
  );
}

function transactionOf(version: SchemaVersion, schema: string | undefined, up: boolean): string {
  const place = schemaPlace(schema, undefined);
  const changed = version.changes?.(place) ?? [];
  const statements = [
    'begin isolation level read committed',
    takeTurn,
    ...changed.flatMap((table) => lockStatements(table, changed)),
    ...(up ? [...version.up(place), recordStatement(version, place)] : version.down(place)),
    'commit',
  ];
  const title = `-- nestjs-jobs, version ${version.version} of the tables${up ? '' : ', taken back'}`;
  return `${[title, ...statements.map((statement) => `${statement.trim()};`)].join('\n')}\n`;
}
