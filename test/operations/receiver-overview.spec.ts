import { Injectable } from '@nestjs/common';
import {
  DiscardDelivery,
  type DeliveryContext,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
  type ReceiverOverview,
  Receivers,
  RetryDelivery,
} from '../../lib/index.js';
import { Scripts } from '../support/scripts.js';
import { TestApplication } from '../support/test-application.js';
import { until } from '../support/until.js';
import { allOf, OperatedApplication } from './support/operated-application.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly script: string) {}
}
const addressV1 = reliableEvent<{ street: string }>('address.changed', { version: 1 });
const addressV2 = reliableEvent<{ street: string }>('address.changed', {
  version: 2,
  upcasters: { 1: (payload) => payload },
});

const scripts = new Scripts();
const MINUTE = 60_000;

@Injectable()
class Orders {
  @OnReliableEvent(OrderPaid, { id: 'orders', retry: { attempts: 2, backoff: 'fixed', delay: 1 } })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

@Injectable()
class OldAddresses {
  @OnReliableEvent(addressV1, { id: 'addresses' })
  onChanged(): void {}
}

@Injectable()
class NewAddresses {
  @OnReliableEvent(addressV2, { id: 'addresses' })
  onChanged(): void {}
}

describe('Receivers.overview', () => {
  let app: OperatedApplication;
  let receivers: Receivers;
  const running: TestApplication[] = [];

  async function startOperator(providers: readonly (new () => object)[]): Promise<void> {
    app = await OperatedApplication.start(providers);
    receivers = app.application.context.get(Receivers, { strict: false });
  }

  async function startWorker(
    providers: readonly (new () => object)[],
    jobs: JobsModuleOptions = {},
  ): Promise<TestApplication> {
    const application = await TestApplication.start(app.database, {
      providers: [...providers],
      jobs: { clock: app.clock, worker: { pollInterval: 20 }, ...jobs },
      limits: { activityInterval: 20 },
    });
    running.push(application);
    return application;
  }

  async function overviewOf(id: string, minutes = 5): Promise<ReceiverOverview> {
    const found = await receivers.find(id, { minutes });
    if (found === null) throw new Error(`There is no receiver ${id}.`);
    return found;
  }

  beforeEach(() => scripts.clear());
  afterEach(async () => {
    await Promise.all(running.splice(0).map((application) => application.close()));
    await app.close();
  });

  it('tells of each receiver what it is, and how it is doing', async () => {
    await startOperator([Orders]);
    await receivers.setConcurrency('orders', 4, { actor: 'user:7' });
    expect((await receivers.overview()).items).toEqual([
      {
        id: 'orders',
        formerNames: [],
        subscriptions: [{ pattern: 'order.paid', version: 1 }],
        registeredAt: expect.any(Date),
        retired: false,
        retiredAt: null,
        paused: false,
        pausedAt: null,
        pausedBy: null,
        concurrency: 4,
        processes: [],
        waiting: { count: 0, capped: false },
        oldestWaiting: null,
        activity: {
          minutes: 5,
          succeeded: 0,
          failed: 0,
          dead: 0,
          interrupted: 0,
          perMinute: 0,
          failureRate: null,
          averageDuration: null,
        },
        orphans: null,
      },
    ]);
  });

  it('names the live processes that have it', async () => {
    await startOperator([]);
    const [worker] = await Promise.all([startWorker([Orders]), startWorker([Orders]), startWorker([OldAddresses])]);
    const ids = async (): Promise<string[]> =>
      (
        await app.rows<{ id: string }>(
          `select w.id::text from jobs_worker w join jobs_receiver r on r.id = any (w.receivers) where r.name = 'orders' order by w.id`,
        )
      ).map(({ id }) => id);
    await until(async () => (await ids()).length === 2, 'two processes that say so');
    expect((await overviewOf('orders')).processes).toEqual(await ids());
    running.splice(running.indexOf(worker), 1);
    await worker.close();
    expect((await overviewOf('orders')).processes).toHaveLength(1);
  });

  it('does not count a process that has been silent for long', async () => {
    await startOperator([]);
    await startWorker([Orders]);
    await until(async () => (await overviewOf('orders')).processes.length === 1);
    await app.rows(`update jobs_worker set seen_at = now() - interval '1 minute'`);
    expect((await overviewOf('orders')).processes).toEqual([]);
  });

  describe('of what waits', () => {
    it('counts what is ready and in nobody’s hands, and says since when the first of it is', async () => {
      await startOperator([Orders]);
      await app.events.emit(new OrderPaid('oldest'));
      app.clock.offset = 10 * MINUTE;
      await app.events.emitMany([new OrderPaid('taken'), new OrderPaid('young')]);
      await app.events.emit(new OrderPaid('later'), { delay: '1h' });
      await app.rows(
        `update jobs_delivery set worker = 1 where event_id = (select id from jobs_event where payload ->> 'script' = 'taken')`,
      );
      const { waiting, oldestWaiting } = await overviewOf('orders');
      expect(waiting).toEqual({ count: 2, capped: false });
      expect(oldestWaiting).toBeGreaterThanOrEqual(10 * MINUTE);
      expect(oldestWaiting).toBeLessThan(11 * MINUTE);
    });

    it('looks at every priority', async () => {
      await startOperator([Orders]);
      await app.events.emit(new OrderPaid('unimportant'), { priority: 7 });
      app.clock.offset = 10 * MINUTE;
      await app.events.emit(new OrderPaid('urgent'), { priority: 0 });
      expect((await overviewOf('orders')).oldestWaiting).toBeGreaterThanOrEqual(10 * MINUTE);
    });

    it.each(['delayed', 'tried again'])('counts from when it became ready, not from its emission: %s', async (way) => {
      await startOperator([Orders]);
      scripts.on('asks for more time', () => {
        throw new RetryDelivery('3h');
      });
      const worker = await startWorker([Orders]);
      await app.events.emit(
        new OrderPaid(way === 'delayed' ? 'x' : 'asks for more time'),
        way === 'delayed' ? { delay: '3h' } : {},
      );
      await until(async () => (await app.rows('select from jobs_delivery where due_at is not null')).length === 1);
      await worker.close();
      running.pop();
      app.clock.offset = 3 * 60 * MINUTE + MINUTE;
      // A process without the receiver makes it ready all the same.
      await startWorker([OldAddresses]);
      await app.events.emit(addressV1, { street: 'any' });
      await until(async () => (await app.rows('select from jobs_delivery where ready_at is not null')).length === 1);
      expect((await overviewOf('orders')).oldestWaiting).toBeLessThan(MINUTE);
    });

    it('counts what was redriven from then on', async () => {
      await startOperator([Orders]);
      await app.events.emit(new OrderPaid('dies'));
      await app.rows(
        `with d as (delete from jobs_delivery returning *)
         insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason)
         select event_id, receiver, version, priority, claims, attempts, interruptions, 'dead', 'x' from d`,
      );
      app.clock.offset = 60 * MINUTE;
      const [letter] = (await app.deadLetters.list()).items;
      await app.deadLetters.redrive(letter!.id, { actor: 'user:7' });
      expect((await overviewOf('orders')).oldestWaiting).toBeLessThan(MINUTE);
    });

    it('counts no more than ten thousand', async () => {
      await startOperator([Orders]);
      await app.rows(
        `insert into jobs_event (name, payload, receivers, retain_until)
         select 'order.paid', '{}', '{}', now() + interval '1 day' from generate_series(1, 10001)`,
      );
      await app.rows(
        `insert into jobs_delivery (event_id, receiver) select e.id, r.id from jobs_event e cross join jobs_receiver r`,
      );
      expect((await overviewOf('orders')).waiting).toEqual({ count: 10_000, capped: true });
    });
  });

  describe('of orphans', () => {
    it('knows those whose receiver no live process has', async () => {
      await startOperator([Orders]);
      await startWorker([OldAddresses]);
      await app.events.emit(new OrderPaid('one'));
      expect((await overviewOf('orders')).orphans).toEqual({
        reason: 'process',
        waiting: { count: 1, capped: false },
      });
    });

    it('knows those whose version no live process understands', async () => {
      await startOperator([NewAddresses]);
      await startWorker([OldAddresses]);
      await until(async () => (await overviewOf('addresses')).processes.length === 1);
      await app.events.emit(addressV2, { street: 'new' });
      expect((await overviewOf('addresses')).orphans).toEqual({
        reason: 'version',
        waiting: { count: 1, capped: false },
      });
      await startWorker([NewAddresses]);
      await until(async () => (await overviewOf('addresses')).orphans === null, 'somebody who understands it');
    });

    it('takes nothing for orphaned that a process will run', async () => {
      await startOperator([Orders]);
      await startWorker([Orders]);
      await until(async () => (await overviewOf('orders')).processes.length === 1);
      await receivers.pause('orders', { actor: 'user:7' });
      await app.events.emit(new OrderPaid('one'));
      expect(await overviewOf('orders')).toMatchObject({ orphans: null });
    });
  });

  describe('of what was done lately', () => {
    it('counts how runs ended, and how long they took', async () => {
      await startOperator([]);
      await startWorker([Orders]);
      scripts.on('fails', () => Promise.reject(new Error('no')));
      scripts.on('unwanted', () => {
        throw new DiscardDelivery('no');
      });
      await app.events.emitMany(['works', 'works', 'unwanted', 'fails'].map((script) => new OrderPaid(script)));
      await until(
        async () =>
          (await overviewOf('orders')).activity.dead === 1 &&
          (await app.rows('select from jobs_delivery')).length === 0,
      );
      await until(async () => (await overviewOf('orders')).activity.succeeded === 3);
      expect((await overviewOf('orders')).activity).toEqual({
        minutes: 5,
        succeeded: 3,
        failed: 2,
        dead: 1,
        interrupted: 0,
        perMinute: 1,
        failureRate: 0.4,
        averageDuration: expect.any(Number),
      });
    });

    it('is about the minutes asked for, and of all processes', async () => {
      await startOperator([]);
      const first = await startWorker([Orders]);
      await app.events.emit(new OrderPaid('early'));
      await until(async () => (await overviewOf('orders')).activity.succeeded === 1);
      await first.close();
      running.pop();
      app.clock.offset = 30 * MINUTE;
      await startWorker([Orders]);
      await app.events.emit(new OrderPaid('late'));
      await until(async () => (await overviewOf('orders', 5)).activity.succeeded === 1);
      expect([
        (await overviewOf('orders', 5)).activity.succeeded,
        (await overviewOf('orders', 60)).activity.succeeded,
      ]).toEqual([1, 2]);
    });

    it('is written at shutdown, with what the shutdown cut short', async () => {
      await startOperator([]);
      const worker = await TestApplication.start(app.database, {
        providers: [Orders],
        jobs: { worker: { shutdownGrace: 0, pollInterval: 20 } },
        limits: { settleLimit: 50, activityInterval: 3_600_000 },
      });
      scripts.on('hangs', () => new Promise(() => undefined));
      await app.events.emitMany([new OrderPaid('works'), new OrderPaid('hangs')]);
      await until(
        async () => scripts.count('hangs') === 1 && (await app.rows('select from jobs_delivery')).length === 1,
      );
      expect((await overviewOf('orders')).activity.succeeded).toBe(0);
      await worker.close();
      expect((await overviewOf('orders')).activity).toMatchObject({ succeeded: 1, interrupted: 1, failureRate: 0 });
    });

    it('is kept for a day', async () => {
      await startOperator([]);
      await app.rows(
        `insert into jobs_receiver_activity (receiver, minute, worker, succeeded)
         values (1, now() - interval '26 hours', 1, 5), (1, now() - interval '24 hours', 1, 7)`,
      );
      const { Maintenance } = await import('../../lib/engine/maintenance/maintenance.js');
      const { PostgresMaintenanceStore } = await import('../../lib/engine/maintenance/postgres-maintenance-store.js');
      const { SchemaKeeper } = await import('../../lib/schema/schema-keeper.js');
      const { EngineDatabase } = await import('../../lib/engine/database/engine-database.js');
      const database = app.application.context.get(EngineDatabase, { strict: false });
      const { names } = app.application.context.get(SchemaKeeper, { strict: false });
      await new Maintenance(new PostgresMaintenanceStore(database, names, { offset: 0 })).purge();
      expect(await app.rows('select succeeded from jobs_receiver_activity')).toEqual([{ succeeded: 7 }]);
    });
  });

  it('is read page by page', async () => {
    await startOperator([Orders, OldAddresses]);
    await app.rows(`insert into jobs_receiver (name) select 'r' || n from generate_series(1, 5) n`);
    const items = await allOf((after) => receivers.overview({ limit: 2, ...after }));
    expect(items.map(({ id }) => id)).toEqual(['addresses', 'orders', 'r1', 'r2', 'r3', 'r4', 'r5']);
    expect(await receivers.find('nobody')).toBeNull();
  });

  it('reads no table as a whole, however much waits', async () => {
    await startOperator([Orders]);
    await app.rows(`insert into jobs_receiver (name) select 'r' || n from generate_series(1, 9) n`);
    await app.rows(
      `insert into jobs_event (name, payload, receivers, retain_until)
       select 'order.paid', '{}', '{}', now() + interval '1 day' from generate_series(1, 20000)`,
    );
    await app.rows(
      `insert into jobs_delivery (event_id, receiver, priority)
       select e.id, r.id, e.id % 8 from jobs_event e cross join jobs_receiver r`,
    );
    await app.rows(
      `insert into jobs_receiver_activity (receiver, minute, worker)
       select r.id, date_trunc('minute', now()) - n * interval '1 minute', 1 from jobs_receiver r cross join generate_series(1, 1440) n`,
    );
    await app.rows('analyze');
    const { overviewStatement } = await import('../../lib/operations/receivers/receiver-overview.statements.js');
    const { tableNames } = await import('../../lib/engine/schema/table-names.js');
    const plan = await app.rows<{ 'QUERY PLAN': string }>(
      `explain (analyze, buffers off, timing off) ${overviewStatement(tableNames())}`,
      [null, null, 100, 0, 5, 1000],
    );
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).not.toMatch(/Seq Scan on jobs_(delivery|event|receiver_activity)/);
    expect(text).not.toMatch(/Sort Method: external/);
  });

  it.each<[object, string]>([
    [{ minutes: 0 }, 'Receivers.overview: option minutes must be an integer from 1 to 1440'],
    [{ minutes: 1441 }, 'Receivers.overview: option minutes must be an integer from 1 to 1440'],
    [{ limit: 1001 }, 'Receivers.overview: option limit must be an integer'],
    [{ after: 7 }, 'Receivers.overview: option after must be the id of a receiver'],
    [{ since: 7 }, 'since'],
  ])('refuses %j', async (options, message) => {
    await startOperator([]);
    await expect(receivers.overview(options)).rejects.toThrow(message);
  });
});
