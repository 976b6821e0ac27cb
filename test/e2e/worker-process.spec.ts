import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const child = resolve(__dirname, '../../.build/test/children/idle-worker.js');

describe('A process that only works', () => {
  let database: TestDatabase;
  let running: ChildProcess;

  beforeAll(async () => {
    database = await TestDatabase.create();
    running = spawn(process.execPath, [child, database.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    await said('ready');
  });
  afterAll(async () => {
    running.kill('SIGKILL');
    await database.drop();
  });

  async function said(word: string): Promise<void> {
    const output = running.stdout;
    if (output === null) throw new Error('The process has no output.');
    const [text] = (await once(output.setEncoding('utf8'), 'data')) as [string];
    expect(text).toContain(word);
  }

  it('stays, although it is idle and its pool has let go of its connections', async () => {
    const emitter = await TestApplication.start(database, { jobs: { worker: false } });
    // What is left is the connection that proves the worker.
    await until(async () => (await emitter.count('pg_stat_activity', `application_name = 'idle-worker'`)) <= 1);

    const rung = said('rung');
    await emitter.events.emit('bell.rung' as never, {} as never);
    await rung;

    expect(running.exitCode).toBeNull();
    await emitter.close();
  });
});
