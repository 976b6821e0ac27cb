import { engineSchemaVersion } from '../../lib/engine/schema/engine-schema-version.js';
import { engineEntities } from '../../lib/engine/schema/engine-entities.js';
import { applyVersion, schemaPlace } from '../../lib/schema/jobs-migrations.js';
import { CURRENT_SCHEMA_VERSION, SCHEMA_VERSIONS } from '../../lib/schema/schema-versions.js';
import { catalogueOf } from '../support/catalogue.js';
import { SchemaFixture } from '../support/schema-fixture.js';
import type { DataSource } from 'typeorm';

describe('The tables of jobs', () => {
  let fixture: SchemaFixture;

  beforeEach(async () => {
    fixture = await SchemaFixture.create();
  });
  afterEach(() => fixture.drop());

  /** A database as the first version of the package left it, with an event in it. */
  async function firstVersion(): Promise<DataSource> {
    const dataSource = await fixture.dataSource();
    await dataSource.transaction((manager) =>
      applyVersion(engineSchemaVersion, schemaPlace(undefined, undefined), (sql) => manager.query(sql)),
    );
    await dataSource.query(
      `insert into jobs_event (name, version, payload, receivers, retain_until) values ('order.paid', 1, '{"id":7}', '{}', now() + interval '1 d')`,
    );
    return dataSource;
  }

  const events = (dataSource: DataSource): Promise<unknown> => dataSource.query('select name, payload from jobs_event');
  const KEPT = [{ name: 'order.paid', payload: { id: 7 } }];

  it('are added to those of events, and what these hold is kept', async () => {
    const dataSource = await firstVersion();
    await fixture.migrateByModule();
    expect([
      await events(dataSource),
      await dataSource.query('select version from jobs_schema order by version'),
    ]).toEqual([KEPT, SCHEMA_VERSIONS.map(({ version }) => ({ version }))]);
  });

  it('are taken away again, and what the tables of events hold is kept', async () => {
    const before = await catalogueOf(await firstVersion());
    const dataSource = await fixture.migrateByTypeOrm();
    await dataSource.query(`insert into jobs_job (type) values ('a.b')`);
    for (const _ of SCHEMA_VERSIONS.slice(1)) await dataSource.undoLastMigration();
    expect([await catalogueOf(dataSource), await events(dataSource)]).toEqual([before, KEPT]);
  });

  it('are missed by an application on the tables of events alone, which says what to do', async () => {
    await fixture.prepared(await firstVersion()).then(
      () => {
        throw new Error('It started.');
      },
      (error: unknown) => {
        expect(error).toMatchObject({
          message: expect.stringContaining(
            `The tables of nestjs-jobs are at version 1, this package needs ${CURRENT_SCHEMA_VERSION}.`,
          ) as string,
        });
      },
    );
  });

  it('are completed where synchronize knew the tables of events alone', async () => {
    const first = await fixture.dataSource({ entities: [...engineEntities(undefined)], synchronize: true });
    await first.query(`create table if not exists kept as select 1 as one`);
    const dataSource = await fixture.synchronize();
    const synchronized = await catalogueOf(dataSource);
    const other = await SchemaFixture.create();
    try {
      expect(synchronized).toEqual(await catalogueOf(await other.migrateByModule()));
    } finally {
      await other.drop();
    }
  });

  describe('hold what a plain insert says, and', () => {
    let dataSource: DataSource;

    beforeEach(async () => {
      dataSource = await fixture.migrateByModule();
    });

    it('make a job pending that says no more than its type', async () => {
      const [job] = await dataSource.query<object[]>(
        `insert into jobs_job (type) values ('a.b') returning status, metadata, tags, candidates, request_count, version, closed_at`,
      );
      expect(job).toEqual({
        status: 'pending',
        metadata: {},
        tags: [],
        candidates: [],
        request_count: 1,
        version: 1,
        closed_at: null,
      });
    });

    it.each([
      [
        'another status',
        `insert into jobs_job (type, status, closed_at) values ('a.b', 'started', now())`,
        'status_check',
      ],
      [
        'a closed job without the time',
        `insert into jobs_job (type, status) values ('a.b', 'completed')`,
        'closed_check',
      ],
      ['a pending job with it', `insert into jobs_job (type, closed_at) values ('a.b', now())`, 'closed_check'],
      ['a second open job', `insert into jobs_job (type) values ('a.b'), ('a.b')`, 'jobs_job_open'],
      [
        'large metadata',
        `insert into jobs_job (type, metadata) values ('a.b', jsonb_build_object('a', repeat('x', 65536)))`,
        'metadata_check',
      ],
      [
        'a large result',
        `insert into jobs_job (type, result) values ('a.b', to_jsonb(repeat('x', 65536)))`,
        'result_check',
      ],
      [
        'many tags',
        `insert into jobs_job (type, tags) select 'a.b', array_agg(i::text) from generate_series(1, 33) i`,
        'tags_check',
      ],
    ])('refuse %s', async (_, sql, constraint) => {
      await expect(dataSource.query(sql)).rejects.toThrow(constraint);
    });
  });
});
