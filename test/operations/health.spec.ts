import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import {
  Health,
  type HealthCode,
  type HealthFinding,
  type HealthOptions,
  type HealthReport,
  type JobsModuleOptions,
  NonRetryableError,
  OnReliableEvent,
  ReliableEvent,
  Receivers,
} from '../../lib/index.js';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { SchemaCheck } from '../../lib/operations/health/checks/schema.check.js';
import { SchemaKeeper } from '../../lib/schema/schema-keeper.js';
import { Scripts } from '../support/scripts.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly script: string) {}
}

const scripts = new Scripts();

@Injectable()
class Orders {
  @OnReliableEvent(OrderPaid, { id: 'orders' })
  onPaid(event: OrderPaid): Promise<unknown> {
    return scripts.play(event.script, { attempt: 1, receiverId: 'orders' } as never);
  }
}

const actor = { actor: 'user:7' };
const MINUTE = 60_000;

describe('Health', () => {
  let database: TestDatabase;
  const clock = { offset: 0 };
  const running: TestApplication[] = [];

  async function start(
    options: TestApplicationOptions = {},
    at: Pick<TestDatabase, 'url'> = database,
  ): Promise<TestApplication> {
    const { jobs = {}, ...others } = options;
    const application = await TestApplication.start(at, {
      providers: [Orders],
      ...others,
      jobs: { clock, worker: { pollInterval: 20 }, ...jobs },
    });
    running.push(application);
    return application;
  }

  const check = (application: TestApplication, options: HealthOptions = {}): Promise<HealthReport> =>
    application.context.get(Health, { strict: false }).check(options);

  const codes = ({ findings }: HealthReport): HealthCode[] => findings.map(({ code }) => code);

  /** The only thing that is found. */
  async function finding(
    application: TestApplication,
    code: HealthCode,
    options: HealthOptions = {},
  ): Promise<HealthFinding> {
    const report = await check(application, options);
    expect(codes(report)).toEqual([code]);
    expect(report.status).toBe(report.findings[0]!.severity);
    expect(report.findings[0]!.remedy).not.toBe('');
    return report.findings[0]!;
  }

  async function connected(): Promise<Client> {
    const client = new Client({ connectionString: database.url, application_name: 'nightly report' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  const isKnown = (application: TestApplication): Promise<void> =>
    until(async () => (await application.count('jobs_worker', `receivers <> '{}'`)) > 0, 'what the worker has');

  beforeEach(async () => {
    database = await TestDatabase.create();
    clock.offset = 0;
    scripts.clear();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((application) => application.close()));
    await database.drop();
  });

  it('finds nothing wrong where nothing is', async () => {
    const application = await start();
    await application.events.emit(new OrderPaid('works'));
    await application.drained();
    expect(await check(application)).toEqual({ status: 'ok', checkedAt: expect.any(Date), findings: [] });
  });

  describe('of the database', () => {
    it('says when it does not answer, and rejects nothing', async () => {
      const proxy = await TcpProxy.start(database.url);
      const application = await start({ jobs: { worker: false } }, proxy);
      proxy.cut();
      const { severity, message } = await finding(application, 'database-unreachable');
      expect([severity, message]).toEqual(['error', expect.stringContaining('does not answer')]);
      proxy.reopen();
      await proxy.close();
    });

    it('says so after a while when it says nothing at all', async () => {
      const proxy = await TcpProxy.start(database.url);
      const application = await start({ jobs: { worker: false } }, proxy);
      proxy.stall();
      const { message } = await finding(application, 'database-unreachable', { timeout: 50 });
      expect(message).toContain('no answer within 100 ms');
      proxy.resume();
      await proxy.close();
    });

    it('says what could not be looked at, and looks at the rest', async () => {
      const application = await start();
      const holder = await connected();
      await holder.query('begin');
      await holder.query('lock table jobs_dead_letter');
      const { message } = await finding(application, 'check-failed', { timeout: 200 });
      expect(message).toContain('dead letters');
      await holder.end();
    });

    it('says when the clocks differ', async () => {
      const application = await start();
      const now = jest.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() - 90_000);
      const { message, details } = await finding(application, 'clock-difference');
      now.mockRestore();
      expect(message).toMatch(/The clock of this process is 2m behind the database's/);
      expect(Math.round((details as { milliseconds: number }).milliseconds / 10_000)).toBe(-9);
    });
  });

  describe('of the tables', () => {
    it('says when they are behind, and looks no further', async () => {
      const application = await start({ jobs: { worker: false } });
      const [{ version }] = await application.dataSource.query<[{ version: number }]>(
        'select max(version) as version from jobs_schema',
      );
      await application.dataSource.query('delete from jobs_schema where version = $1', [version]);
      const { severity, details, remedy } = await finding(application, 'schema-behind');
      expect([severity, details]).toEqual(['error', { version: version - 1, needed: version }]);
      expect(remedy).toContain('jobsMigrations()');
    });

    it('says which are missing', async () => {
      const application = await start({ jobs: { worker: false } });
      await application.dataSource.query('drop table jobs_dead_letter');
      const { severity, details } = await finding(application, 'tables-missing');
      expect([severity, details]).toEqual(['error', { missing: ['"jobs_dead_letter"'] }]);
    });

    it('says when the data source does not know the entities', async () => {
      const application = await start({ jobs: { worker: false } });
      const bare = new EngineDatabase(await database.dataSource({ synchronize: false, entities: [] }));
      const findings = await new SchemaCheck(new SchemaKeeper(bare, undefined, false)).look(bare.connection);
      await bare.dataSource.destroy();
      expect(application.dataSource.isInitialized).toBe(true);
      expect(findings).toMatchObject([
        { code: 'entities-missing', severity: 'error', remedy: expect.stringContaining('autoLoadEntities') },
      ]);
    });

    it('says who keeps dead rows from being vacuumed, by a snapshot', async () => {
      const application = await start();
      const reader = await connected();
      await reader.query('begin isolation level repeatable read');
      await reader.query('select 1');
      const { message, details } = await finding(application, 'horizon-held', { heldHorizon: 0 });
      await reader.end();
      expect(message).toMatch(/of "nightly report" \(idle in transaction, \d+m?s\)/);
      expect(details).toMatchObject({ holders: [{ application: 'nightly report', pid: expect.any(Number) }] });
    });

    it('says who keeps dead rows from being vacuumed, by having written', async () => {
      const application = await start();
      const writer = await connected();
      await writer.query('begin');
      await writer.query('select txid_current()');
      await finding(application, 'horizon-held', { heldHorizon: 0 });
      await writer.end();
    });

    it('takes no offence at a transaction that holds nothing', async () => {
      const application = await start();
      const idle = await connected();
      await idle.query('begin');
      await idle.query('select 1');
      const { findings } = await check(application, { heldHorizon: 0 });
      // Statements of the moment may be among them.
      expect(JSON.stringify(findings)).not.toContain('nightly report');
      await idle.end();
    });

    it('says when vacuum does not keep up', async () => {
      const application = await start({ jobs: { worker: false } });
      await application.dataSource.query('alter table jobs_delivery set (autovacuum_enabled = false)');
      await application.dataSource.query(
        'insert into jobs_delivery (event_id, receiver) select n, 1 from generate_series(1, 500) n',
      );
      await application.dataSource.query('delete from jobs_delivery');
      const dead = async (): Promise<boolean> => {
        const rows = await application.dataSource.query<{ dead: number }[]>(
          `select n_dead_tup::int as dead from pg_stat_all_tables where relid = 'jobs_delivery'::regclass`,
        );
        return rows[0]!.dead >= 500;
      };
      // Sessions report what they did when they have been idle for a while.
      await until(dead, 'the statistics');
      const report = await check(application, { deadRows: 499 });
      expect(report.findings.filter(({ code }) => code === 'dead-rows')).toMatchObject([
        { severity: 'warning', details: { table: 'jobs_delivery', deadRows: 500 } },
      ]);
      expect(codes(await check(application, { deadRows: 500 }))).not.toContain('dead-rows');
    });
  });

  describe('of the pool', () => {
    it('says when it has a single connection', async () => {
      const application = await start({ typeorm: { poolSize: 1 }, jobs: { worker: false } });
      const { severity } = (await check(application)).findings.find(({ code }) => code === 'pool-too-small')!;
      expect(severity).toBe('warning');
    });

    it('says when all its connections are taken and somebody waits, and looks at the rest all the same', async () => {
      const application = await start({ typeorm: { poolSize: 2 } });
      const runners = [1, 2].map(() => application.dataSource.createQueryRunner());
      for (const runner of runners) await runner.connect();
      const waiting = application.dataSource.query('select 1');
      await until(() => application.context.get(EngineDatabase, { strict: false }).poolState.waiting > 0);
      const { details } = await finding(application, 'pool-exhausted');
      for (const runner of runners) await runner.release();
      await waiting;
      expect(details).toMatchObject({ size: 2, free: 0 });
    });
  });

  describe('of those who work', () => {
    it('says when nobody does', async () => {
      const application = await start({ jobs: { worker: false } });
      expect(await finding(application, 'no-live-worker')).toMatchObject({
        severity: 'error',
        details: { live: 0, receivers: 1 },
      });
    });

    it('says so also when somebody only seems to', async () => {
      const application = await start();
      await isKnown(application);
      await application.dataSource.query(`update jobs_worker set seen_at = now() - interval '1 hour'`);
      const { message } = await finding(application, 'no-live-worker');
      expect(message).toContain('1 gave no sign of life lately');
    });

    it('takes no offence at nobody where there is no receiver', async () => {
      const application = await start({ providers: [], jobs: { worker: false } });
      expect(codes(await check(application))).toEqual([]);
    });

    it('says when notifications do not arrive', async () => {
      const proxy = await TcpProxy.start(database.url);
      proxy.poseAsPooler();
      const application = await start({}, proxy);
      const { message } = await finding(application, 'notifications-missing');
      expect(message).toContain('1 of 1 processes that work reach the database through a pooler');
      await application.close();
      running.pop();
      await proxy.close();
    });
  });

  describe('of what waits', () => {
    const blocked = (jobs: JobsModuleOptions = {}): Promise<TestApplication> => {
      scripts.on('blocks', () => new Promise(() => undefined));
      return start({
        jobs: { ...jobs, worker: { concurrency: 1, shutdownGrace: 0, pollInterval: 20 } },
        limits: { settleLimit: 20 },
      });
    };

    it('says when it has waited for too long', async () => {
      const application = await blocked();
      await isKnown(application);
      await application.events.emit(new OrderPaid('blocks'));
      await until(() => scripts.count('blocks') === 1);
      await application.events.emit(new OrderPaid('waits'));
      clock.offset = 6 * MINUTE;
      const { message, details } = await finding(application, 'deliveries-waiting');
      expect(message).toMatch(/orders \(1, the first for 6m\)/);
      expect(details).toMatchObject({ receivers: [{ id: 'orders', waiting: { count: 1 } }] });
      expect(codes(await check(application, { waiting: '10m' }))).toEqual([]);
    });

    it('says when nobody has its receiver', async () => {
      const operator = await start({ jobs: { worker: false } });
      await start({ providers: [] });
      await operator.events.emit(new OrderPaid('orphan'));
      const { message } = await finding(operator, 'deliveries-orphaned');
      expect(message).toContain('orders (1: no live process has it)');
    });

    it('says when its receiver is paused', async () => {
      const application = await start();
      await isKnown(application);
      await application.context.get(Receivers, { strict: false }).pause('orders', actor);
      expect(codes(await check(application))).toEqual([]);
      await application.events.emit(new OrderPaid('waits'));
      clock.offset = 60 * MINUTE;
      const { message } = await finding(application, 'receivers-paused');
      expect(message).toMatch(/orders \(1, since .* by user:7\)/);
    });
  });

  it('says what died lately', async () => {
    const application = await start();
    await isKnown(application);
    scripts.on('dies', () => Promise.reject(new NonRetryableError('no')));
    await application.events.emitMany([new OrderPaid('dies'), new OrderPaid('dies')]);
    await until(async () => (await application.count('jobs_dead_letter')) === 2);
    const { message, details } = await finding(application, 'dead-letters');
    expect(message).toContain('2 deliveries became dead letters within 1h: orders (2)');
    expect(details).toMatchObject({ count: 2, receivers: [{ receiver: 'orders', count: 2 }] });
    clock.offset = 61 * MINUTE;
    expect(codes(await check(application))).toEqual([]);
  });

  it.each<[object, string]>([
    [{ waiting: 'soon' }, 'waiting'],
    [{ deadRows: -1 }, 'Health.check: option deadRows must be an integer'],
    [{ timeout: '1h' }, 'Health.check: option timeout must be a duration'],
    [{ patience: 1 }, 'patience'],
  ])('refuses %j', async (options, message) => {
    const application = await start({ jobs: { worker: false } });
    await expect(check(application, options)).rejects.toThrow(message);
  });

  it('leaves no connection behind', async () => {
    const application = await start({ jobs: { worker: false } });
    const count = async (): Promise<number> =>
      (
        await application.dataSource.query<[{ count: number }]>(
          'select count(*)::int as count from pg_stat_activity where datname = current_database()',
        )
      )[0].count;
    const before = await count();
    for (let time = 0; time < 3; time += 1) await check(application);
    await until(async () => (await count()) <= before, 'the connections of the checks');
  });
});
