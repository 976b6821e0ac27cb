import type { DataSource } from 'typeorm';
import { applyVersion, schemaPlace } from '../../lib/schema/jobs-migrations.js';
import { SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';
import { catalogueOf } from '../support/catalogue.js';
import { SchemaFixture } from '../support/schema-fixture.js';

const FAILURES = JSON.stringify([
  { kind: 'failed', attempt: 1, name: 'Error', message: 'first' },
  { kind: 'failed', attempt: 2, name: 'TypeError', message: 'order 17 is "lost"' },
]);

describe('The tables of operations', () => {
  let fixture: SchemaFixture;

  beforeEach(async () => {
    fixture = await SchemaFixture.create();
  });
  afterEach(() => fixture.drop());

  /** A database as the version before left it, with a delivery that failed and a dead letter. */
  async function versionBefore(): Promise<DataSource> {
    const dataSource = await fixture.dataSource();
    for (const version of SCHEMA_VERSIONS.filter(({ version }) => version < 3)) {
      await dataSource.transaction((manager) =>
        applyVersion(version, schemaPlace(undefined, undefined), (sql) => manager.query(sql)),
      );
    }
    await dataSource.query(
      `insert into jobs_delivery (event_id, receiver, attempts, failures) values (1, 1, 2, $1), (2, 1, 0, null)`,
      [FAILURES],
    );
    await dataSource.query(
      `insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason, failures)
       values (3, 1, 1, 4, 2, 2, 0, 'dead', 'failed 2 times', $1)`,
      [FAILURES],
    );
    return dataSource;
  }

  it('put what failed before into groups of errors', async () => {
    const dataSource = await versionBefore();
    await fixture.migrateByModule();
    const errors = await dataSource.query<{ error: string | null; fingerprint: string | null }[]>(
      'select error, fingerprint from (select event_id, error, fingerprint from jobs_delivery union all select event_id, error, fingerprint from jobs_dead_letter) e order by event_id',
    );
    const [failed, fresh, dead] = errors;
    expect([failed?.error, fresh, dead?.fingerprint === failed?.fingerprint, failed?.fingerprint?.length]).toEqual([
      'TypeError',
      { error: null, fingerprint: null },
      true,
      16,
    ]);
  });

  it('are taken away again, and the rest is as it was', async () => {
    const before = await catalogueOf(await versionBefore());
    const dataSource = await fixture.migrateByTypeOrm();
    for (const { version } of SCHEMA_VERSIONS) if (version >= 3) await dataSource.undoLastMigration();
    expect([
      await catalogueOf(dataSource),
      await dataSource.query('select attempts from jobs_delivery order by 1'),
    ]).toEqual([before, [{ attempts: 0 }, { attempts: 2 }]]);
  });
});
