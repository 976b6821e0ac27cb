import type { DataSource } from 'typeorm';
import type { SchemaVersion } from '../../lib/engine/schema/schema-version.js';
import { applyVersion, revertVersion, schemaPlace } from '../../lib/schema/jobs-migrations.js';
import { SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';
import { catalogueOf } from '../support/catalogue.js';
import { FilledTables } from '../support/filled-tables.js';
import { SchemaFixture } from '../support/schema-fixture.js';

const place = schemaPlace(undefined, undefined);
const ROWS = 500;

const step = (version: SchemaVersion): [number, SchemaVersion] => [version.version, version];

describe('The versions of the tables', () => {
  let fixture: SchemaFixture;
  let dataSource: DataSource;
  let tables: FilledTables;

  beforeEach(async () => {
    fixture = await SchemaFixture.create();
    dataSource = await fixture.dataSource();
    tables = new FilledTables(dataSource);
  });
  afterEach(() => fixture.drop());

  const up = (version: SchemaVersion): Promise<void> =>
    dataSource.transaction((manager) => applyVersion(version, place, (sql) => manager.query(sql)));
  const down = (version: SchemaVersion): Promise<void> =>
    dataSource.transaction((manager) => revertVersion(version, place, (sql) => manager.query(sql)));

  async function upTo(version: number): Promise<void> {
    for (const one of SCHEMA_VERSIONS.filter((candidate) => candidate.version <= version)) {
      await up(one);
      await tables.fill(ROWS);
    }
  }

  it('are numbered from one, in the order of their timestamps', () => {
    expect(SCHEMA_VERSIONS.map(({ version }) => version)).toEqual(SCHEMA_VERSIONS.map((_, index) => index + 1));
    const timestamps = SCHEMA_VERSIONS.map(({ timestamp }) => timestamp);
    expect(timestamps).toEqual([...new Set(timestamps)].sort((one, other) => one - other));
  });

  it.each(SCHEMA_VERSIONS.slice(1).map(step))(
    'keep what the tables hold when version %i is added',
    async (number, version) => {
      await upTo(number - 1);
      const before = await tables.fingerprints();
      await up(version);
      expect(await tables.fingerprints()).toEqual(before);
    },
  );

  it.each(SCHEMA_VERSIONS.slice(1).map(step))(
    'keep what the other tables hold when version %i is taken back, and leave no trace of it',
    async (number, version) => {
      await upTo(number - 1);
      const [catalogue, before] = [await catalogueOf(dataSource), await tables.fingerprints()];
      await up(version);
      await tables.fill(ROWS);
      await down(version);
      expect([await catalogueOf(dataSource), await tables.fingerprints()]).toEqual([catalogue, before]);
    },
  );

  it('come to the same on a filled database, a step at a time, as on an empty one', async () => {
    await upTo(SCHEMA_VERSIONS.length);
    const stepwise = await catalogueOf(dataSource);
    const other = await SchemaFixture.create();
    try {
      expect(stepwise).toEqual(await catalogueOf(await other.migrateByModule()));
    } finally {
      await other.drop();
    }
  });

  it('go down to nothing on a filled database', async () => {
    await upTo(SCHEMA_VERSIONS.length);
    for (const version of [...SCHEMA_VERSIONS].reverse()) await down(version);
    expect(await catalogueOf(dataSource)).toEqual([]);
  });

  it.each(SCHEMA_VERSIONS.slice(1).map(step))(
    'lock all tables that version %i changes before it changes one',
    async (number, version) => {
      await upTo(number - 1);
      const earlier = await tables.names();
      const locked = await dataSource.transaction(async (manager) => {
        await applyVersion(version, place, (sql) => manager.query(sql));
        const rows: { name: string }[] = await manager.query(
          `select distinct c.relname as name from pg_locks l join pg_class c on c.oid = l.relation
           where l.pid = pg_backend_pid() and c.relkind = 'r' and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`,
        );
        return rows.map(({ name }) => name).filter((name) => earlier.includes(name));
      });
      const declared = (version.changes?.(place) ?? []).map((name) => name.replaceAll('"', ''));
      expect(declared.sort()).toEqual(locked.sort());
    },
  );

  // A deploy migrates first and replaces processes afterwards: those of the version before go on meanwhile.
  it.each(SCHEMA_VERSIONS.slice(1).map(step))(
    'leave alone, in version %i, what statements of the version before rely on',
    async (number, version) => {
      await upTo(number - 1);
      const before = await tables.promises();
      await up(version);
      const after = await tables.promises();
      const earlier = new Set(before.map(({ table }) => table));
      const added = after.filter(
        ({ table, what }) => earlier.has(table) && !before.some((one) => one.table === table && one.what === what),
      );
      expect({
        gone: before.filter(({ table, what }) => !after.some((one) => one.table === table && one.what === what)),
        // What an insert of the version before would have to fulfil without knowing of it.
        demanded: added.filter(({ optional }) => !optional),
      }).toEqual({ gone: [], demanded: [] });
    },
  );
});
