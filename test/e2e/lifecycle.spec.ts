import { Injectable, Logger } from '@nestjs/common';
import {
  DiscardDelivery,
  type DeliveryContext,
  JobsService,
  JobType,
  Lifecycle,
  type LifecycleEvent,
  type LifecycleName,
  OnReliableEvent,
  ReliableEvent,
  RetryDelivery,
  type TransactionalContext,
} from '../../lib/index.js';
import { LogCapture } from '../support/log-capture.js';
import { Scripts } from '../support/scripts.js';
import { Signal } from '../support/signal.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly script: string) {}
}

@ReliableEvent('nobody.hears')
class NobodyHears {}

@JobType('letter.read')
class ReadLetter {}

const scripts = new Scripts();

@Injectable()
class Orders {
  @OnReliableEvent(OrderPaid, { id: 'orders', retry: { attempts: 2, backoff: 'fixed', delay: 1 } })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

@Injectable()
class TransactionalOrders {
  @OnReliableEvent(OrderPaid, { id: 'orders', transactional: true })
  onPaid(event: OrderPaid, context: TransactionalContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

describe('Lifecycle', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let lifecycle: Lifecycle;
  const told: LifecycleEvent[] = [];
  const kinds = (): string[] => told.map(({ kind }) => kind);

  async function start(providers: readonly (new () => object)[], worker: false | object = {}): Promise<void> {
    application = await TestApplication.start(database, {
      providers: [...providers],
      jobs: { worker: worker === false ? false : { shutdownGrace: 0, pollInterval: 50, ...worker } },
      limits: { settleLimit: 50 },
    });
    lifecycle = application.context.get(Lifecycle, { strict: false });
    lifecycle.onAny((event) => told.push(event));
  }

  /** Resolves when everything of one emission was told. */
  async function toldOf(script: string, last: LifecycleName, times = 1): Promise<void> {
    await application.events.emit(new OrderPaid(script));
    await until(() => kinds().filter((kind) => kind === last).length === times && kinds().includes('emitted'), last);
  }

  beforeEach(async () => {
    database = await TestDatabase.create();
    scripts.clear();
    told.length = 0;
  });
  afterEach(async () => {
    await application.close();
    await database.drop();
  });

  const runsOf = (): string[] => kinds().filter((kind) => kind !== 'emitted');

  it('tells of an event, of its run and of its success, with what they are about', async () => {
    await start([Orders]);
    const { id } = await application.events.emit(new OrderPaid('works'), {
      correlationId: 'c1',
      tenant: 't1',
      key: 'k1',
    });
    await until(() => kinds().includes('succeeded') && kinds().includes('emitted'));
    const about = { eventId: id, eventName: 'order.paid', correlationId: 'c1', tenant: 't1', key: 'k1' };
    const delivery = { ...about, deliveryId: expect.stringMatching(`^${id}\\.`), receiverId: 'orders', attempt: 1 };

    expect(told).toEqual(
      expect.arrayContaining([
        { kind: 'emitted', ...about, receivers: 1 },
        { kind: 'started', ...delivery },
        { kind: 'succeeded', ...delivery, duration: expect.any(Number) },
      ]),
    );
    expect(runsOf()).toEqual(['started', 'succeeded']);
  });

  it('tells of the success of a transactional receiver when its transaction has committed', async () => {
    await start([TransactionalOrders]);
    let left: number | undefined;
    lifecycle.on('succeeded', async () => {
      left = await application.count('jobs_delivery');
    });
    await toldOf('works', 'succeeded');
    await until(() => left !== undefined);
    expect([left, runsOf()]).toEqual([0, ['started', 'succeeded']]);
  });

  it('tells of failures with what was thrown, of the retry and of the dead letter', async () => {
    await start([Orders]);
    const error = new Error('no stock');
    scripts.on('fails', () => Promise.reject(error));
    await toldOf('fails', 'dead');

    expect(runsOf()).toEqual(['started', 'failed', 'retried', 'started', 'failed', 'dead']);
    expect(told.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { attempt: 1, error, timedOut: false, outcome: 'retried' },
      { attempt: 2, error, timedOut: false, outcome: 'dead' },
    ]);
    expect(told.find(({ kind }) => kind === 'retried')).toMatchObject({ failed: true, delay: expect.any(Number) });
    expect(told.find(({ kind }) => kind === 'dead')).toMatchObject({ reason: 'failed 2 times: no stock', attempt: 2 });
  });

  it('tells of a retry that the receiver asked for, which is no failure', async () => {
    await start([Orders]);
    scripts.on('later', () => {
      if (scripts.count('later') === 1) throw new RetryDelivery(1);
    });
    await toldOf('later', 'succeeded');
    expect(runsOf()).toEqual(['started', 'retried', 'started', 'succeeded']);
    expect(told.find(({ kind }) => kind === 'retried')).toMatchObject({ failed: false, delay: 1 });
  });

  it('tells of a discard with its reason', async () => {
    await start([Orders]);
    scripts.on('unwanted', () => {
      throw new DiscardDelivery('too old');
    });
    await toldOf('unwanted', 'discarded');
    expect(runsOf()).toEqual(['started', 'discarded']);
    expect(told.at(-1)).toMatchObject({ reason: 'too old' });
  });

  it('tells of runs that the shutdown cut short', async () => {
    await start([Orders]);
    scripts.on('hangs', () => new Promise(() => undefined));
    await toldOf('hangs', 'started');
    await application.close();
    expect(runsOf()).toEqual(['started', 'interrupted']);
  });

  it('tells of a run whose claim was lost meanwhile', async () => {
    await start([Orders]);
    const finish = new Signal();
    scripts.on('slow', () => finish.given);
    await toldOf('slow', 'started');
    await application.dataSource.query('update jobs_delivery set claims = claims + 1');
    finish.give();
    await until(() => kinds().includes('lost'));
    expect(runsOf()).toEqual(['started', 'lost']);
  });

  it('tells of a delivery whose event is gone as of a dead letter without a name', async () => {
    await start([Orders], false);
    await application.events.emit(new OrderPaid('gone'));
    await application.dataSource.query('delete from jobs_event');
    await application.close();
    await start([Orders]);
    await until(() => kinds().includes('dead'));
    expect(told.find(({ kind }) => kind === 'dead')).toMatchObject({
      eventName: null,
      receiverId: 'orders',
      reason: 'its event is gone',
    });
  });

  describe('of emitted events', () => {
    const emitted = (): unknown[] =>
      told.flatMap((event) => (event.kind === 'emitted' ? [[event.eventName, event.receivers]] : []));

    it('tells nothing before the commit', async () => {
      await start([Orders], false);
      await application.dataSource.transaction(async (manager) => {
        await application.events.emit(new OrderPaid('one'), { manager });
        await application.events.emit(new NobodyHears(), { manager });
        await new Promise((resolve) => setImmediate(resolve));
        expect(told).toEqual([]);
      });
      await until(() => told.length === 2);
      expect(emitted()).toEqual([
        ['order.paid', 1],
        ['nobody.hears', 0],
      ]);
    });

    it('tells nothing after a rollback', async () => {
      await start([Orders], false);
      const failing = application.dataSource.transaction(async (manager) => {
        await application.events.emit(new OrderPaid('never'), { manager });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      // A second one proves that nothing of the first is still to come.
      await application.events.emit(new NobodyHears());
      await until(() => told.length === 1);
      expect(emitted()).toEqual([['nobody.hears', 0]]);
    });

    it('tells nothing of one that repeats another', async () => {
      await start([Orders], false);
      for (let time = 0; time < 2; time += 1)
        await application.events.emit(new OrderPaid('once'), { dedupeKey: 'same' });
      await application.events.emit(new NobodyHears());
      await until(() => emitted().length >= 2);
      expect(emitted()).toEqual([
        ['order.paid', 1],
        ['nobody.hears', 0],
      ]);
    });
  });

  it.each(['request', 'raise'] as const)('tells of the facts of jobs, with %s', async (verb) => {
    await start([ReadLetter], false);
    const jobs = application.context.get(JobsService, { strict: false });
    const target = { type: 'Letter', id: '1' };
    await (verb === 'request' ? jobs.request(ReadLetter, { target }) : jobs.raise(ReadLetter, { target }));
    await until(() => told.length > 0);
    expect(told).toMatchObject([{ kind: 'emitted', eventName: 'job.requested' }]);
  });

  describe('whose listeners fail', () => {
    let log: LogCapture;
    beforeEach(() => {
      log = new LogCapture();
    });
    afterEach(() => {
      Logger.overrideLogger(false);
    });

    it('goes on, logs it once for each name, and tells the others', async () => {
      await start([Orders]);
      Logger.overrideLogger(log);
      const told: string[] = [];
      lifecycle.on('started', () => {
        throw new Error('metrics\nare down');
      });
      lifecycle.on('started', () => told.push('started'));
      const failing = (): Promise<void> => Promise.reject(new Error('alerts are down'));
      lifecycle.on('succeeded', failing);
      lifecycle.on('succeeded', () => told.push('succeeded'));
      lifecycle.on('emitted', () => {
        throw new Error('traces are down');
      });
      await application.events.emitMany([new OrderPaid('a'), new OrderPaid('b'), new OrderPaid('c')]);
      await until(() => told.length === 6);

      expect(await application.count('jobs_delivery')).toBe(0);
      expect(log.messages('error').sort()).toEqual([
        expect.stringMatching(/"emitted".*traces are down/),
        expect.stringMatching(/"started".*metrics\\nare down/),
        expect.stringMatching(/"succeeded".*alerts are down/),
      ]);
    });

    it('commits what they were told of', async () => {
      await start([Orders], false);
      lifecycle.on('emitted', () => {
        throw new Error('no');
      });
      await application.dataSource.transaction((manager) =>
        application.events.emit(new OrderPaid('kept'), { manager }),
      );
      expect(await application.count('jobs_event')).toBe(1);
    });
  });

  it('releases the connection of a transaction before listeners are called', async () => {
    await start([Orders], false);
    const order: string[] = [];
    lifecycle.on('emitted', () => order.push('told'));
    await application.dataSource.transaction((manager) => application.events.emit(new OrderPaid('one'), { manager }));
    order.push('returned');
    await until(() => order.length === 2);
    expect(order).toEqual(['returned', 'told']);
  });

  it('tells a listener no more once it has ended', async () => {
    await start([Orders], false);
    const heard: string[] = [];
    const listener = ({ eventName }: { eventName: string }): number => heard.push(eventName);
    const end = lifecycle.on('emitted', listener);
    lifecycle.on('emitted', listener);
    end();
    end();
    await application.events.emit(new OrderPaid('one'));
    await until(() => told.length === 1);
    expect(heard).toEqual(['order.paid']);
  });

  it.each<[unknown, unknown, string]>([
    ['strated', () => undefined, 'Lifecycle: option name must be'],
    ['started', 'log', 'Lifecycle: option listener must be a function (event) => void'],
  ])('refuses to listen to %j with %j', async (name, listener, message) => {
    await start([Orders], false);
    expect(() => lifecycle.on(name as LifecycleName, listener as () => void)).toThrow(message);
    expect(() => lifecycle.onAny(7 as never)).toThrow('Lifecycle: option listener must be a function');
  });
});
