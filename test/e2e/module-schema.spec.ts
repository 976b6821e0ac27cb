import { Injectable } from '@nestjs/common';
import { JobsModule, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('lamp.lit')
class LampLit {
  constructor(readonly room: string) {}
}

@Injectable()
class Lamps {
  readonly heard: string[] = [];

  @OnReliableEvent(LampLit, { id: 'lamps' })
  light({ room }: LampLit): void {
    this.heard.push(room);
  }
}

describe('In a schema of its own, JobsModule', () => {
  let database: TestDatabase;
  let app: TestApplication;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  async function start(options: TestApplicationOptions): Promise<void> {
    app = await TestApplication.start(database, { typeorm: { synchronize: false }, providers: [Lamps], ...options });
  }

  it.each(['outbox', 'Mixed_Case$1'])('named %s migrates, emits and delivers', async (schema) => {
    await start({ jobs: { schema, migrate: true } });
    await app.events.emit(new LampLit('hall'));
    const { heard } = app.context.get(Lamps);
    await until(() => heard.length === 1);
    const outside = await app.count('pg_tables', `tablename like 'jobs%' and schemaname <> '${schema}'`);
    expect([await app.count(`"${schema}".jobs_event`), outside]).toEqual([1, 0]);
  });

  it('takes its name from beside an asynchronous factory', async () => {
    await start({
      jobsModule: JobsModule.forRootAsync({ schema: 'beside', useFactory: () => ({ worker: false, migrate: true }) }),
    });
    await app.events.emit(new LampLit('hall'));
    expect(await app.count('beside.jobs_delivery')).toBe(1);
  });
});
