import { Logger } from '@nestjs/common';
import type { Notification } from 'pg';
import { Client } from 'pg';
import { notificationChannel } from '../../../lib/engine/wake-up/notification-channel.js';
import { tableNames } from '../../../lib/engine/schema/table-names.js';
import { PostgresWakeUp } from '../../../lib/engine/wake-up/postgres-wake-up.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { until } from '../../support/until.js';

describe('WakeUp', () => {
  let fixture: EngineFixture;
  let listener: Client;
  let wakeUp: PostgresWakeUp;
  let heard: Notification[];
  let tests = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    fixture = await EngineFixture.create();
    listener = new Client(fixture.testDatabase.url);
    await listener.connect();
    listener.on('notification', (notification) => heard.push(notification));
  });
  afterAll(async () => {
    await listener.end();
    await fixture.close();
  });
  // A channel for each test: what one sent may still be on its way when the next begins.
  beforeEach(async () => {
    heard = [];
    tests += 1;
    wakeUp = new PostgresWakeUp(fixture.database, `test_${tests}`);
    await listener.query(`listen ${wakeUp.channel}`);
  });
  afterEach(async () => {
    wakeUp.stop();
    await listener.query('unlisten *');
  });

  /** Notifications arrive in the order of their commits: once the mark is there, everything before it is, too. */
  async function heardSoFar(): Promise<number> {
    await fixture.rows(`select pg_notify($1, 'mark')`, [wakeUp.channel]);
    await until(() => heard.at(-1)?.payload === 'mark', 'the mark');
    return heard.filter(({ payload }) => payload !== 'mark').length;
  }

  it('wakes every listener of its own process at once', () => {
    const woken: string[] = [];
    wakeUp.listen(() => woken.push('one'));
    wakeUp.listen(() => woken.push('two'));
    wakeUp.wake();
    expect(woken).toEqual(['one', 'two']);
  });

  it('is heard on another connection', async () => {
    wakeUp.wake();
    await until(() => heard.length > 0, 'a notification');
    expect(heard[0]?.channel).toBe(wakeUp.channel);
  });

  it('sends one notification at once and one for all that follows shortly after', async () => {
    for (let times = 0; times < 1000; times++) wakeUp.wake();
    await until(() => heard.length >= 2, 'two notifications');
    expect(await heardSoFar()).toBe(2);
  });

  it('wakes its own process each time, however often', () => {
    let woken = 0;
    wakeUp.listen(() => (woken += 1));
    for (let times = 0; times < 1000; times++) wakeUp.wake();
    expect(woken).toBe(1000);
  });

  it('sends nothing any more once it is stopped', async () => {
    wakeUp.wake();
    wakeUp.wake();
    wakeUp.stop();
    await until(() => heard.length > 0, 'the first notification');
    wakeUp.wake();
    expect(await heardSoFar()).toBe(1);
  });

  it('takes a database that is away in its stride', async () => {
    let failed: (() => void) | undefined;
    const failure = new Promise<void>((resolve) => (failed = resolve));
    const broken = new PostgresWakeUp(
      Object.create(fixture.database, {
        connection: {
          get: () => ({
            run: () => {
              failed?.();
              return Promise.reject(new Error('connection refused'));
            },
          }),
        },
      }) as typeof fixture.database,
      'anything',
    );
    broken.wake();
    await expect(failure).resolves.toBeUndefined();
  });

  it('uses a channel of its own for each schema', () => {
    const channels = [undefined, 'one', 'two'].map((schema) => notificationChannel(tableNames(schema)));
    expect(new Set(channels).size).toBe(3);
  });
});
