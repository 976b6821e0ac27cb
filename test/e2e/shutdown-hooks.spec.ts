import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { TestDatabase } from '../support/test-database.js';

const child = resolve(__dirname, '../../.build/test/children/heedless-process.js');
const WARNING = /WARN.*Nothing listens for SIGTERM, .*Call app\.enableShutdownHooks\(\)\./;

describe('A process in which nothing listens for SIGTERM', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  /** All that an application says until it has looked and was closed. */
  async function said(...how: readonly string[]): Promise<string> {
    const running = spawn(process.execPath, [child, database.url, ...how], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const texts: string[] = [];
    for (const output of [running.stdout, running.stderr])
      output.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    const [code] = (await once(running, 'close')) as [number | null];
    const text = texts.join('');
    expect([code, text]).toEqual([0, expect.stringContaining('looked\n')]);
    return text;
  }

  it('is warned when it works', async () => {
    expect(await said('worker', 'no-hooks')).toMatch(WARNING);
  });

  it('is not when it calls enableShutdownHooks() after its boot, nor when it only emits', async () => {
    for (const text of await Promise.all([said('worker', 'hooks'), said('emitter', 'no-hooks')]))
      expect(text).not.toMatch(WARNING);
  });
});
