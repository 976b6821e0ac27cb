import { hostname } from 'node:os';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { OnReliableEvent, Processes, ReliableEvent } from '../../lib/index.js';
import { PACKAGE_VERSION } from '../../lib/package-version.js';
import { Signal } from '../support/signal.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { allOf } from './support/operated-application.js';

@ReliableEvent('order.paid')
class OrderPaid {}

let finish = new Signal();

@Injectable()
class Orders {
  @OnReliableEvent(OrderPaid, { id: 'orders' })
  onPaid(): Promise<void> {
    return finish.given;
  }
}

describe('Processes', () => {
  let database: TestDatabase;
  let operator: TestApplication;
  let processes: Processes;

  beforeEach(async () => {
    database = await TestDatabase.create();
    operator = await TestApplication.start(database, { jobs: { worker: false } });
    processes = operator.context.get(Processes, { strict: false });
    finish = new Signal();
  });
  afterEach(async () => {
    await operator.close();
    await database.drop();
  });

  const start = (at: Pick<TestDatabase, 'url'> = database): Promise<TestApplication> =>
    TestApplication.start(at, {
      providers: [Orders],
      jobs: { appVersion: '2026.11.3', worker: { pollInterval: 20 } },
      limits: { activityInterval: 20 },
    });

  it('tells who works, what it is and what it has', async () => {
    const worker = await start();
    await until(async () => (await processes.list()).items[0]?.packageVersion !== null, 'what it says of itself');
    expect(await processes.list()).toEqual({
      items: [
        {
          id: expect.stringMatching(/^\d+$/),
          host: hostname(),
          pid: process.pid,
          state: 'live',
          proof: 'thread',
          packageVersion: PACKAGE_VERSION,
          appVersion: '2026.11.3',
          label: null,
          receivers: ['orders'],
          inFlight: 0,
          startedAt: expect.any(Date),
          lastSeenAt: expect.any(Date),
        },
      ],
      next: null,
    });
    await worker.close();
    expect((await processes.list()).items).toMatchObject([{ state: 'left', inFlight: 0 }]);
  });

  it('tells how much is in flight, and when nothing is any more', async () => {
    const worker = await start();
    await operator.events.emitMany([new OrderPaid(), new OrderPaid(), new OrderPaid()]);
    await until(async () => (await processes.list()).items[0]?.inFlight === 3, 'three in flight');
    finish.give();
    await until(async () => (await processes.list()).items[0]?.inFlight === 0, 'none in flight');
    await worker.close();
  });

  it('calls one silent that may be gone, while nobody has found out', async () => {
    const worker = await start();
    await operator.dataSource.query(`update jobs_worker set seen_at = now() - interval '31 seconds'`);
    expect((await processes.list({ state: 'silent' })).items).toHaveLength(1);
    expect((await processes.list({ state: 'live' })).items).toEqual([]);
    await worker.close();
  });

  it('tells who is behind a pooler', async () => {
    const proxy = await TcpProxy.start(database.url);
    proxy.poseAsPooler();
    const worker = await start(proxy);
    expect((await processes.list()).items).toMatchObject([{ state: 'live', proof: 'lease' }]);
    await worker.close();
    await proxy.close();
  });

  it('lists page by page, and by state', async () => {
    await operator.dataSource.query(
      `insert into jobs_worker (boot, state, mode, host, pid, ended_at)
       select gen_random_uuid(), case when n % 2 = 0 then 'dead' else 'left' end, 'lock', 'h' || n, n, now() from generate_series(1, 7) n`,
    );
    const hosts = async (options: object): Promise<string[]> =>
      (await allOf((after) => processes.list({ limit: 2, ...options, ...after }))).map(({ host }) => host);
    expect(await hosts({})).toEqual(['h7', 'h6', 'h5', 'h4', 'h3', 'h2', 'h1']);
    expect(await hosts({ state: 'dead' })).toEqual(['h6', 'h4', 'h2']);
  });

  it.each<[object, string]>([
    [{ state: 'gone' }, 'Processes.list: option state must be'],
    [{ after: 'x' }, 'Processes.list: option after must be what a page of this list gave as next'],
    [{ after: '99999999999' }, 'Processes.list: option after must be'],
    [{ limit: 0 }, 'Processes.list: option limit must be an integer'],
    [{ host: 'x' }, 'host'],
  ])('refuses to list by %j', async (options, message) => {
    await expect(processes.list(options)).rejects.toThrow(message);
  });

  it('say the version of the package as it is published', () => {
    const { version } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(PACKAGE_VERSION).toBe(version);
  });
});
