import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { TestDatabase } from '../support/test-database.js';

const child = resolve(__dirname, '../../.build/test/children/module-process.js');

describe('A process ends by itself, with nothing left open,', () => {
  let database: TestDatabase;
  let running: ChildProcess | undefined;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(async () => {
    running?.kill('SIGKILL');
    await database.drop();
  });

  it.each([
    ['once its application, which worked, is closed', 'close'],
    ['once its application, which only emitted, is closed', 'close-emitter'],
    ['once the pool is closed of an application which only emitted, and was forgotten', 'destroy'],
  ])('%s', async (_, mode) => {
    running = spawn(process.execPath, [child, database.url, mode], { stdio: ['ignore', 'ignore', 'pipe'] });
    const complaints: string[] = [];
    running.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    const [code] = (await once(running, 'close')) as [number | null];
    expect([code, complaints.join('')]).toEqual([0, '']);
  });
});
