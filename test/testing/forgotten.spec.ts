import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { TestDatabase } from '../support/test-database.js';

const root = resolve(__dirname, '../..');
const jestBin = join(root, 'node_modules/jest/bin/jest.js');
const config = join(root, 'test/children/forgetful.jest.config.cjs');

describe('A suite that forgets to close its application', () => {
  let database: TestDatabase;
  let running: ChildProcess | undefined;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  // One that does not end must not stay when this fails.
  afterEach(() => running?.kill('SIGKILL'));
  afterAll(() => database.drop());

  it.each([
    ['worker', 'nestjs-jobs: A worker was still running when the tests ended. Call `await app.close()` in afterAll.'],
    [
      'application',
      'nestjs-jobs: An application with JobsTestingModule was not closed. Call `await app.close()` in afterAll.',
    ],
  ])('ends by itself, with a hint that tells how to close the %s', async (forget, hint) => {
    // In one process: those that Jest starts for its tests are ended by it.
    const child = spawn(process.execPath, [jestBin, '--config', config, '--runInBand'], {
      env: { ...process.env, DATABASE_URL: database.url, FORGET: forget },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(said).toContain('1 passed');
    expect(said).toContain(hint);
    expect({ code, said }).toMatchObject({ code: 0 });
  });
});
