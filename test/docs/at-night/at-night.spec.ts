import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';

import { purgeEventsStatement } from '../../../lib/engine/maintenance/purge.statements.js';
import { tableNames } from '../../../lib/engine/schema/table-names.js';
import {
  Health,
  type HealthReport,
  type Page,
  type RegisteredReceiver,
  reliableEvent,
  ReliableEvents,
} from '../../../lib/index.js';
import { PaymentAnalytics } from '../../../sample/analytics/payment-analytics.js';
import { AppModule } from '../../../sample/app.module.js';
import { OperatorConsole } from '../../../sample/operating/operator-console.js';
import { SampleApplication, type SampleApplicationOptions } from '../../sample/support/sample-application.js';
import { until } from '../../support/until.js';
import { AtNightPage } from './at-night-page.js';
import { CountedPayments, ForgetfulAnalytics, RenamedAnalytics } from './renamed-analytics.js';

const ANALYTICS = 'analytics.on-payment-completed';
const ShopClosed = reliableEvent('shop.closed');
const folder = resolve(__dirname, '../../../docs/at-night');

/** The sample, and a page that is followed on it. */
class Night {
  private constructor(
    sample: SampleApplication,
    readonly page: AtNightPage,
  ) {
    this.sample = sample;
  }

  sample: SampleApplication;

  static async begin(page: string, options?: SampleApplicationOptions): Promise<Night> {
    return new Night(await SampleApplication.start(options), new AtNightPage(page));
  }

  /** Runs a command of the page. */
  run(pattern: RegExp, values?: Readonly<Record<string, string>>): Promise<unknown> {
    return this.sample.get(OperatorConsole).run(this.page.command(pattern, values));
  }

  /** Codes of what is found to be wrong. */
  async findings(): Promise<string[]> {
    const { findings } = (await this.sample.get(OperatorConsole).run(['health'])) as HealthReport;
    return findings.map(({ code }) => code);
  }

  /** A customer pays; answers the order's id. */
  async pay(): Promise<string> {
    const { id, payment } = await this.sample.order(1_000);
    await this.sample.webhook(payment.id, 'succeeded');
    return id;
  }

  async event(): Promise<string> {
    const [row] = await this.sample.query<{ id: string }>('select max(id)::text as id from jobs_event');
    return row!.id;
  }

  /** Id of the one open delivery of analytics that has failed at least so often. */
  async failed(attempts: number): Promise<string> {
    await until(
      async () => (await this.sample.count('jobs_delivery', `attempts >= ${attempts} and worker is null`)) === 1,
      'a failed run',
    );
    const [row] = await this.sample.query<{ id: string }>(
      `select event_id || '.' || receiver as id from jobs_delivery where attempts >= ${attempts}`,
    );
    return row!.id;
  }

  /** Lets a delivery fail for the last time. */
  async die(): Promise<void> {
    const delivery = await this.failed(1);
    await this.sample.query('update jobs_delivery set attempts = 19 where attempts > 0');
    await this.sample.get(OperatorConsole).run(['retry', delivery, '--as', 'test']);
    await until(async () => (await this.sample.count('jobs_dead_letter')) === 1, 'a dead letter');
  }
}

describe('The pages for the night', () => {
  const pages = readdirSync(folder);

  it('link to files that are there', () => {
    const links = pages.flatMap((page) =>
      [...readFileSync(join(folder, page), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path),
    );
    expect(links.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  it('are in the index, each', () => {
    const index = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(pages.filter((page) => page !== 'README.md' && !index.includes(`](${page})`))).toEqual([]);
  });

  describe('the index', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('README', { worker: false });
    });
    afterAll(() => night.sample.close());

    it('shows commands that answer', async () => {
      expect([await night.run(/^health/), await night.run(/^audit/), night.page.unused]).toMatchObject([
        { findings: [{ code: 'no-live-worker' }] },
        { items: [], next: null },
        [],
      ]);
    });

    it('names each command there is', async () => {
      const error: unknown = await night.sample
        .get(OperatorConsole)
        .run([])
        .catch((reason: unknown) => reason);
      const [, list = ''] = /there are (.*)\.$/.exec(String(error)) ?? [];
      expect(list.split(', ').filter((command) => !night.page.text.includes(`\`${command}`))).toEqual([]);
    });
  });

  describe('“Nothing is delivered”', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('nothing-is-delivered', { worker: false });
    });
    afterAll(() => night.sample.close());

    it('tells that nobody works, and of an event nobody was registered for; a worker ends it', async () => {
      const { sample } = night;
      const order = await night.pay();
      const event = await night.event();
      await sample.get(ReliableEvents).emit(ShopClosed, {});
      const open = await night.run(/^open/);
      const events = await night.run(/^events/);
      const before = await night.run(/^status/, { event });
      const { items } = (await sample.get(OperatorConsole).run(['events', '--event', 'shop.closed'])) as {
        items: object[];
      };
      expect([open, events, before, items]).toMatchObject([
        { waiting: 3, retrying: 0, running: 0 },
        { items: [{ id: event, receivers: 3 }] },
        { receivers: [{ state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }] },
        [{ receivers: 0 }],
      ]);
      expect([await night.run(/^receivers/), await night.run(/^health/), await night.run(/^processes/)]).toMatchObject([
        { items: expect.arrayContaining([expect.objectContaining({ id: ANALYTICS, retired: false })]) },
        { status: 'error', findings: [{ code: 'no-live-worker' }, { code: 'deliveries-orphaned' }] },
        { items: [] },
      ]);

      const worker = await NestFactory.createApplicationContext(
        AppModule.forRoot({ ...sample.settings, worker: true, synchronize: false }),
        { logger: false },
      );
      await sample.drained();
      const healthy = await night.findings();
      const [after, { status }] = [await night.run(/^status/, { event }), await sample.find(order)];
      await worker.close();
      expect([healthy, after, status, await night.run(/^open/)]).toMatchObject([
        [],
        { receivers: [{ state: 'delivered' }, { state: 'delivered' }, { state: 'delivered' }] },
        'completed',
        { waiting: 0, running: 0 },
      ]);
    });

    it('tells of a receiver that somebody paused, and resumes it', async () => {
      await night.sample.get(OperatorConsole).run(['pause', ANALYTICS, '--as', 'user:eve']);
      await night.pay();
      const before = await night.findings();
      await night.run(/^resume/);
      expect([before, await night.findings()]).toEqual([
        expect.arrayContaining(['receivers-paused']),
        expect.not.arrayContaining(['receivers-paused']),
      ]);
    });

    it('shows no command that is not run here', () => expect(night.page.unused).toEqual([]));
  });

  describe('“One receiver fails”', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('one-receiver-fails');
    });
    afterAll(() => night.sample.close());

    it('tells which and of what; what is retried comes, what is dead is brought back', async () => {
      const { sample } = night;
      sample.rates.status = () => 503;
      const order = await night.pay();
      const delivery = await night.failed(1);
      const message = 'the exchange-rate service answered #';
      expect([
        await night.run(/^errors/),
        await night.run(/^open/),
        await night.run(/^deliveries/),
        await night.run(/^delivery /, { delivery }),
        (await sample.find(order)).status,
      ]).toMatchObject([
        { retried: [{ receiver: ANALYTICS, error: 'RatesError', message }], dead: [] },
        {},
        { next: null },
        { id: delivery, failures: expect.arrayContaining([expect.objectContaining({ name: 'RatesError' })]) },
        'completed',
      ]);

      await night.die();
      const { dead } = (await night.run(/^errors/)) as { dead: { errorGroup: string; count: number }[] };
      const group = dead[0]!.errorGroup;
      expect(await night.findings()).toEqual(['dead-letters']);
      sample.rates.status = () => 200;
      expect([
        dead.length,
        await night.run(/^redrive.*dry-run/, { group }),
        await sample.count('jobs_delivery'),
        await night.run(/^redrive.*rate/, { group }),
      ]).toMatchObject([1, { changed: 1 }, 0, { changed: 1, next: null }]);
      await sample.drained();

      expect([await night.run(/^errors/), await sample.query('select value::int4 from metric order by name')]).toEqual([
        { retried: [], dead: [] },
        [{ value: 1 }, { value: 1_250 }],
      ]);
    });

    it('pauses and resumes', async () => {
      const { sample } = night;
      await night.run(/^pause/);
      const order = await night.pay();
      await until(async () => (await sample.count('jobs_delivery')) === 1, 'the deliveries of the others');
      const { status } = await sample.find(order);
      await night.run(/^resume/);
      await sample.drained();
      expect(status).toBe('completed');
    });

    it('asks for the next attempt now', async () => {
      night.sample.rates.status = () => 503;
      await night.pay();
      const delivery = await night.failed(1);
      await night.sample.query(`update jobs_delivery set due_at = now() + interval '1 h', ready_xid = null`);
      night.sample.rates.status = () => 200;
      expect(await night.run(/^retry/, { delivery })).toMatchObject({ changed: [delivery] });
      await night.sample.drained();
    });

    it('shows no command that is not run here', () => expect(night.page.unused).toEqual([]));
  });

  describe('“The table grows”', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('the-table-grows');
    });
    afterAll(() => night.sample.close());

    it('finds the transaction that holds vacuum back, and ends it', async () => {
      const { sample } = night;
      const report = await new DataSource({ type: 'postgres', url: sample.settings.databaseUrl }).initialize();
      const client = report.createQueryRunner();
      await client.startTransaction('REPEATABLE READ');
      const [{ pid }] = (await client.query('select pg_backend_pid() as pid, count(*) from jobs_event')) as [
        { pid: number },
      ];
      const [holder] = await sample.query<{ pid: number; state: string }>(night.page.query('xact_start'));
      const sizes = await sample.query<{ relname: string }>(night.page.query('n_dead_tup'));
      const { findings } = await sample.get(Health).check({ heldHorizon: 1 });
      await sample.query(night.page.query('pg_terminate_backend', { pid: String(pid) }));
      await until(
        async () =>
          !(await sample.query<{ pid: number }>(night.page.query('xact_start'))).some((row) => row.pid === pid),
        'the end of the transaction',
      );
      await client.release().catch(() => undefined);
      await report.destroy().catch(() => undefined);
      expect([findings.map(({ code }) => code), holder, sizes.map(({ relname }) => relname)]).toEqual([
        expect.arrayContaining(['horizon-held']),
        expect.objectContaining({ pid, state: 'idle in transaction' }),
        expect.arrayContaining(['jobs_event', 'jobs_delivery', 'jobs_dead_letter']),
      ]);
    });

    it('lets an event go whose dead letter is settled', async () => {
      const { sample } = night;
      const purge = purgeEventsStatement(tableNames(undefined)).text;
      sample.rates.status = () => 503;
      await night.pay();
      await night.die();
      const { items } = (await night.run(/^dead-letters/)) as { items: { id: string }[] };
      const retentionOver = () => sample.query(`update jobs_event set retain_until = now() - interval '1 s'`);
      await retentionOver();
      await sample.query(purge, [0]);
      const kept = await sample.count('jobs_event');
      const settled = await night.run(/^settle/, { 'dead letter': items[0]!.id });
      await retentionOver();
      await sample.query(purge, [0]);
      expect([kept, settled, await sample.count('jobs_event'), await night.run(/^open/)]).toMatchObject([
        1,
        { changed: [items[0]!.id] },
        0,
        { waiting: 0 },
      ]);
    });

    it('shows no command that is not run here', () => expect(night.page.unused).toEqual([]));
  });

  describe('“We deploy a rename”', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('we-deploy-a-rename');
    });
    afterAll(() => night.sample.close());

    const deploy = async (version: new () => object): Promise<void> => {
      night.sample = await night.sample.restart((module) =>
        module.overrideProvider(PaymentAnalytics).useClass(version),
      );
    };
    /** How many payments the version that is deployed has counted. */
    const counted = (): number => {
      const analytics: object = night.sample.get(PaymentAnalytics);
      return analytics instanceof CountedPayments ? analytics.payments.length : 0;
    };
    const known = async (): Promise<unknown[]> =>
      ((await night.run(/^receivers/)) as Page<RegisteredReceiver>).items
        .filter(({ id }) => id.startsWith('analytics.'))
        .map(({ id, formerNames, retired }) => ({ id, formerNames, retired }));

    it('shows the alias as it is deployed here, to the letter', () => {
      const [, code = ''] =
        /#region alias\n([\s\S]*?) *\/\/ #endregion/.exec(
          readFileSync(join(__dirname, 'renamed-analytics.ts'), 'utf8'),
        ) ?? [];
      expect(night.page.blocks('ts')).toEqual([code.replaceAll(/^ {2}/gm, '').trim()]);
    });

    it('tells of a forgotten alias, and mends it: nothing is lost, nothing handled twice', async () => {
      night.sample.rates.status = () => 503;
      await night.pay();
      await night.failed(1);
      const [{ now }] = (await night.sample.query<{ now: Date }>('select clock_timestamp() as now')) as [{ now: Date }];

      await deploy(ForgetfulAnalytics);
      await night.pay();
      await until(() => counted() === 1);
      const apart = await known();
      expect(await night.run(/^health/)).toMatchObject({ findings: [{ code: 'deliveries-orphaned' }] });
      const { items } = (await night.run(/^deliveries/, { deploy: now.toISOString() })) as { items: { id: string }[] };
      const discarded = await night.run(/^discard/, { delivery: items[0]!.id });

      await deploy(RenamedAnalytics);
      await night.sample.drained();
      expect([apart, items.length, discarded, await known(), counted(), await night.run(/^open/)]).toMatchObject([
        [
          { id: 'analytics.count-payments', formerNames: [], retired: false },
          { id: ANALYTICS, formerNames: [], retired: false },
        ],
        1,
        { changed: [items[0]!.id] },
        expect.arrayContaining([{ id: 'analytics.count-payments', formerNames: [ANALYTICS], retired: false }]),
        1,
        { waiting: 0, retrying: 0 },
      ]);
    });

    it('shows no command that is not run here', () => expect(night.page.unused).toEqual([]));
  });

  describe('“Replay last Tuesday”', () => {
    let night: Night;
    beforeAll(async () => {
      night = await Night.begin('replay-last-tuesday');
    });
    afterAll(() => night.sample.close());

    it('does that day again, by one receiver alone', async () => {
      const { sample } = night;
      await night.pay();
      await sample.drained();
      await sample.query(`update jobs_event set created_at = '2030-01-01T12:00:00Z'`);
      const event = await night.event();
      await night.pay();
      await sample.drained();
      await sample.query(`update jobs_event set created_at = '2030-01-04T12:00:00Z' where id <> $1`, [event]);
      const calls = sample.rates.calls;
      await sample.query('delete from metric');

      const found = await night.run(/^events/);
      const planned = await night.run(/^replay-span.*dry-run/);
      const untouched = await sample.count('jobs_delivery');
      const replayed = await night.run(/^replay-span.*rate/);
      await sample.drained();
      expect([found, planned, untouched, replayed, sample.rates.calls - calls]).toMatchObject([
        { items: [{ id: event }], next: null },
        { changed: 1, next: null },
        0,
        { changed: 1, next: null },
        1,
      ]);
      expect([await sample.query('select name from metric order by 1'), await night.run(/^open/)]).toMatchObject([
        [{ name: 'payments.succeeded' }, { name: 'revenue.usd-cents' }],
        { waiting: 0, running: 0 },
      ]);
      expect(await night.run(/^audit/)).toMatchObject({
        items: [{ actor: 'user:ada', action: 'event.replayed', details: { events: [event] } }],
      });
    });

    it('does one event again', async () => {
      const event = await night.event();
      const replayed = await night.run(/^replay /, { event });
      await night.sample.drained();
      expect(replayed).toMatchObject({ created: [expect.stringMatching(`^${event}\\.`)], open: [] });
    });

    it('shows no command that is not run here', () => expect(night.page.unused).toEqual([]));
  });
});
