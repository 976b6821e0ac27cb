import type { DataSource } from 'typeorm';
import type { PooledClient } from '../../lib/engine/database/postgres-driver.js';
import { JobsSchemaError } from '../../lib/index.js';
import { applyVersion, revertVersion } from '../../lib/schema/jobs-migrations.js';
import type { LockPatience } from '../../lib/schema/table-locks.js';
import { schemaPlace } from '../../lib/schema/jobs-migrations.js';
import { catalogueOf } from '../support/catalogue.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { nextVersion } from '../support/next-version.js';
import { until } from '../support/until.js';

const place = schemaPlace(undefined, undefined);
const EAGER: LockPatience = { wait: 20, pause: 1, tries: 3 };

describe('A migration that finds its tables in use', () => {
  let fixture: EngineFixture;
  let dataSource: DataSource;
  let holder: PooledClient;

  beforeEach(async () => {
    fixture = await EngineFixture.create();
    await fixture.reset();
    dataSource = fixture.dataSource;
    holder = await fixture.client();
    await holder.query({ text: 'begin' });
  });
  afterEach(async () => {
    await holder.query({ text: 'rollback' });
    await fixture.close();
  });

  const migrate = (patience?: LockPatience): Promise<void> =>
    dataSource.transaction((manager) => applyVersion(nextVersion, place, (sql) => manager.query(sql), patience));
  const hold = (table: string): Promise<unknown> => holder.query({ text: `lock table ${table} in row exclusive mode` });
  const waiting = (): Promise<boolean> =>
    fixture.count('pg_locks', `not granted and locktype = 'relation'`).then((count) => count > 0);

  it('gives up after some tries, changes nothing, and says what to do', async () => {
    const before = await catalogueOf(dataSource);
    await hold('jobs_delivery');
    const error = await migrate(EAGER).catch((reason: unknown) => reason);
    expect([error, await catalogueOf(dataSource)]).toEqual([
      new JobsSchemaError(
        'The tables of nestjs-jobs could not be changed: in 3 tries, "jobs_delivery" was never free. A transaction that stays open uses ' +
          'it. Find it in pg_stat_activity by its xact_start, let it end, and run the migration again; nothing was changed.',
      ),
      before,
    ]);
  });

  it('gives up when it is to be taken back, too', async () => {
    await dataSource.transaction((manager) => applyVersion(nextVersion, place, (sql) => manager.query(sql)));
    await hold('jobs_event');
    const reverting = dataSource.transaction((manager) =>
      revertVersion(nextVersion, place, (sql) => manager.query(sql), EAGER),
    );
    await expect(reverting).rejects.toThrow(JobsSchemaError);
  });

  it('lets others go on between its tries, and comes in when the table is free', async () => {
    await hold('jobs_delivery');
    let migrated = false;
    const migrating = migrate({ wait: 500, pause: 200, tries: 1000 }).then(() => (migrated = true));
    await until(waiting, 'the migration to wait');
    const emitted = await fixture.emit(fixture.input());
    const whileHeld = migrated;
    await holder.query({ text: 'commit' });
    await migrating;
    expect([emitted.length, whileHeld, await fixture.count('jobs_schema', `version = ${nextVersion.version}`)]).toEqual(
      [1, false, 1],
    );
  });

  // PostgreSQL ends a deadlock at the cost of whoever began to wait first and looks for it first: here that is the application.
  it('steps back before a transaction it is in a deadlock with is made to fail', async () => {
    const other = await fixture.client();
    await other.query({ text: 'begin' });
    await other.query({ text: 'lock table jobs_receiver in row exclusive mode' });
    await hold('jobs_delivery');
    const migrating = migrate({ wait: 60_000, pause: 300, tries: 1000 });
    await until(waiting, 'the migration to hold the jobs and wait for the receivers');
    let stepped = false;
    const locking = hold('jobs_job')
      .then(() => (stepped = true))
      .then(() => holder.query({ text: 'commit' }));
    const both = (): Promise<boolean> => fixture.count('pg_locks', 'not granted').then((count) => count === 2);
    await until(async () => stepped || (await both()), 'both to wait');
    await other.query({ text: 'commit' });
    await expect(Promise.all([locking, migrating])).resolves.toBeDefined();
  });

  it('leaves the lock_timeout of its transaction as it was', async () => {
    const after = await dataSource.transaction(async (manager) => {
      await manager.query(`set local lock_timeout = '12s'`);
      await applyVersion(nextVersion, place, (sql) => manager.query(sql));
      return manager.query<unknown>('show lock_timeout');
    });
    expect(after).toEqual([{ lock_timeout: '12s' }]);
  });

  it('waits for another migrator for as long as that takes, whatever the lock_timeout of its role', async () => {
    await holder.query({ text: `select pg_advisory_xact_lock(7714202611)` });
    const migrating = dataSource.transaction(async (manager) => {
      await manager.query(`set local lock_timeout = '1ms'`);
      await applyVersion(nextVersion, place, (sql) => manager.query(sql));
    });
    await until(() => fixture.count('pg_locks', `not granted and locktype = 'advisory'`).then((count) => count > 0));
    await holder.query({ text: 'commit' });
    await expect(migrating).resolves.toBeUndefined();
  });
});
