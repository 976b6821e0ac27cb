import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
  WorkerShutdownError,
} from '../../lib/index.js';
import { Asked, ReceivingProcess } from '../support/receiving-process.js';
import { Scripts } from '../support/scripts.js';
import { Signal } from '../support/signal.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('plain.asked')
class PlainAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('transactional.asked')
class TransactionalAsked {
  constructor(readonly script: string) {}
}

@ReliableEvent('probe.asked')
class ProbeAsked {}

const scripts = new Scripts();
const options = { concurrency: 1, retry: { backoff: 'fixed', delay: 1 } } as const;

@Injectable()
class Receivers {
  @OnReliableEvent(PlainAsked, { id: 'plain', ...options })
  plain(event: PlainAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(TransactionalAsked, { id: 'transactional', transactional: true, ...options })
  transactional(event: TransactionalAsked, context: TransactionalContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(TransactionalAsked, { id: 'transactional too', transactional: true, ...options })
  transactionalToo(event: TransactionalAsked, context: TransactionalContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

/** Of a worker that is to take over: what it ran shows that it has looked before there was something to take over. */
@Injectable()
class Probe {
  @OnReliableEvent(ProbeAsked, { id: 'probe' })
  probe(_event: ProbeAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play('probe', context);
  }
}

const told = ({ signal }: DeliveryContext): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

describe('A worker that shuts down', () => {
  let database: TestDatabase;
  let observer: TestApplication;
  let running: TestApplication[];

  const start = async (given: TestApplicationOptions = {}): Promise<TestApplication> => {
    const application = await TestApplication.start(database, {
      providers: [Receivers],
      typeorm: { poolSize: 2 },
      ...given,
      // What waits is to be handed back by the shutdown, and not before because this machine is slow.
      limits: { staleAfter: 600_000, ...given.limits },
    });
    running.push(application);
    return application;
  };
  const stop = async (application: TestApplication): Promise<void> => {
    running = running.filter((other) => other !== application);
    await application.close();
  };
  /** Starts a worker that finds nothing by polling, and nothing where it has looked before unless it is told. */
  const startSuccessor = async (): Promise<TestApplication> => {
    const successor = await start({ providers: [Receivers, Probe], jobs: { worker: { pollInterval: '1h' } } });
    await observer.events.emit(new ProbeAsked());
    await until(() => scripts.count('probe') === 1);
    await until(
      async () =>
        (await observer.count(
          'jobs_delivery',
          `event_id in (select id from jobs_event where name = 'probe.asked')`,
        )) === 0,
    );
    return successor;
  };
  const rows = (): Promise<unknown[]> =>
    observer.dataSource.query(
      `select e.payload ->> 'script' as script, d.attempts, d.interruptions, d.worker
       from jobs_delivery d join jobs_event e on e.id = d.event_id order by d.event_id, d.receiver`,
    );

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(async () => {
    await database.drop();
  });
  beforeEach(async () => {
    scripts.clear();
    running = [];
    observer = await start({ providers: [], jobs: { worker: false } });
    await observer.dataSource.query('truncate jobs_delivery, jobs_dead_letter');
  });
  afterEach(async () => {
    await Promise.all(running.map((application) => application.close()));
  });

  it('lets receivers finish within the grace time, and claims nothing more', async () => {
    const application = await start();
    const finish = new Signal();
    scripts.on('finishes', () => finish.given);
    await application.events.emit(new PlainAsked('finishes'));
    await until(() => scripts.count('finishes') === 1);
    const stopped = stop(application);
    await observer.events.emit(new PlainAsked('too late'));
    finish.give();
    await stopped;

    expect(await rows()).toEqual([{ script: 'too late', attempts: 0, interruptions: 0, worker: null }]);
  });

  it('lets them emit until their end, inside their transaction and outside', async () => {
    const application = await start();
    const finish = new Signal();
    scripts.on('emits', async ({ manager }) => {
      await finish.given;
      const events = application.context.get(ReliableEvents, { strict: false });
      await events.emit(new PlainAsked('emitted inside'), { manager });
      await events.emit(new PlainAsked('emitted outside'));
    });
    await application.events.emit(new TransactionalAsked('emits'));
    await until(() => scripts.count('emits') >= 1);
    const stopped = stop(application);
    finish.give();
    await stopped;

    expect((await rows()).map((row) => (row as { script: string }).script)).toEqual(
      expect.arrayContaining(['emitted inside', 'emitted outside']),
    );
  });

  it('tells them by signal when the grace time is over, and hands back those that stop, at no attempt', async () => {
    const application = await start({ jobs: { worker: { shutdownGrace: 20 } } });
    let reason: unknown;
    scripts.on('stops', async (context) => {
      reason = await told(context);
      throw new Error('stopped');
    });
    await application.events.emit(new PlainAsked('stops'));
    await until(() => scripts.count('stops') === 1);
    await stop(application);

    expect(reason).toBeInstanceOf(WorkerShutdownError);
    expect(await rows()).toEqual([{ script: 'stops', attempts: 0, interruptions: 1, worker: null }]);
  });

  it('cuts off those that do not stop, with what they wrote', async () => {
    const application = await start({ jobs: { worker: { shutdownGrace: 20 } }, limits: { settleLimit: 2_000 } });
    await observer.dataSource.query('create table if not exists effect (text text)');
    const never = new Signal();
    scripts.on('never stops', async ({ manager }) => {
      await manager.query(`insert into effect values ('cut off')`);
      await never.given;
    });
    await application.events.emit(new TransactionalAsked('never stops'));
    await until(() => scripts.count('never stops') === 1);
    await stop(application);

    expect(await observer.count('effect')).toBe(0);
    expect(await rows()).toEqual([
      { script: 'never stops', attempts: 0, interruptions: 1, worker: null },
      // Waited for the only transaction that the pool allows, and so had not begun.
      { script: 'never stops', attempts: 0, interruptions: 0, worker: null },
    ]);
  });

  it('hands back what it had not begun at once, while receivers still finish, and another worker takes it over', async () => {
    const application = await start();
    const finish = new Signal();
    scripts.on('finishes', () => finish.given);
    // Quick ones first: a worker that is fast takes deliveries in advance.
    await application.events.emitMany(Array.from({ length: 200 }, () => new PlainAsked('quick')));
    await application.drained();
    await application.events.emitMany([
      new PlainAsked('finishes'),
      ...Array.from({ length: 30 }, () => new PlainAsked('waiting')),
    ]);
    await until(() => scripts.count('finishes') === 1);
    await until(async () => (await observer.count('jobs_delivery', 'worker is not null')) > 1);
    const successor = await startSuccessor();
    const stopped = stop(application);
    await until(async () => (await observer.count('jobs_delivery')) === 1, 'the takeover');
    const interrupted = await observer.count('jobs_delivery', 'interruptions > 0');
    finish.give();
    await stopped;
    await successor.drained();

    expect([interrupted, scripts.count('waiting'), scripts.count('finishes')]).toEqual([0, 30, 1]);
  });

  it('is taken over from at once when it hands back what it had begun', async () => {
    const application = await start({ jobs: { worker: { shutdownGrace: 0 } } });
    scripts.on('moves', async (context) => {
      if (scripts.count('moves') > 1) return;
      await told(context);
      throw new Error('stopped');
    });
    await application.events.emit(new PlainAsked('moves'));
    await until(() => scripts.count('moves') === 1);
    const successor = await startSuccessor();
    await stop(application);
    await successor.drained();

    expect(scripts.played.filter(({ script }) => script === 'moves').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('leaves nothing claimed behind and says that it left', async () => {
    const application = await start();
    await application.events.emitMany(Array.from({ length: 300 }, () => new PlainAsked('quick')));
    await stop(application);

    expect([
      await observer.count('jobs_delivery', 'worker is not null or claimed_at is not null or interruptions > 0'),
      await observer.count('jobs_worker', `state = 'live'`),
    ]).toEqual([0, 0]);
  });

  describe('in a process of its own, on SIGTERM', () => {
    it('lets its receivers finish and exits with code 0', async () => {
      const child = await ReceivingProcess.start({ url: database.url, worker: {} });
      await observer.events.emit(new Asked('finish when told'));
      await child.started('finish when told');
      child.kill('SIGTERM');
      await until(async () => (await observer.count('jobs_worker', `state = 'live'`)) === 1);
      child.finish();

      expect(await child.ended).toBe(0);
      expect(await observer.count('jobs_delivery')).toBe(0);
      expect(await observer.count('jobs_event', `name = 'child.confirmed'`)).toBe(1);
    });

    it('hands back what does not finish in time and exits with code 0', async () => {
      const child = await ReceivingProcess.start({ url: database.url, worker: { shutdownGrace: 10 } });
      await observer.events.emit(new Asked('stop when told'));
      await child.started('stop when told');
      child.kill('SIGTERM');

      expect(await child.ended).toBe(0);
      expect(await rows()).toEqual([{ script: 'stop when told', attempts: 0, interruptions: 1, worker: null }]);
    });
  });
});
