import { Injectable } from '@nestjs/common';
import { type DeliveryContext, type JobsWorkerOptions, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { Scripts } from '../support/scripts.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly script: string) {}
}

const scripts = new Scripts();

@Injectable()
class Receivers {
  @OnReliableEvent(Happened, { id: 'thing.on-happened' })
  onHappened(event: Happened, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

@ReliableEvent('again.asked')
class Again {
  constructor(readonly script: string) {}
}

@Injectable()
class Impatient {
  @OnReliableEvent(Again, { id: 'impatient', retry: { backoff: 'fixed', delay: 0 } })
  receive(event: Again, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

/** So long that whatever is delivered was not found by polling. */
const worker: JobsWorkerOptions = { pollInterval: '1h' };

describe('A waiting delivery', () => {
  const clock = { offset: 0 };
  let database: TestDatabase;
  let application: TestApplication;
  let emitter: TestApplication;

  const played = (script: string): Promise<void> => until(() => scripts.count(script) === 1, `script "${script}"`);
  const start = (options: TestApplicationOptions): Promise<TestApplication> =>
    TestApplication.start(database, { providers: [Receivers], ...options });

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await start({ jobs: { worker, clock } });
    emitter = await start({ jobs: { worker: false, clock } });
  });
  afterAll(async () => {
    await emitter.close();
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    clock.offset = 0;
    scripts.clear();
    await application.dataSource.query('truncate jobs_delivery, jobs_dead_letter');
  });

  it('is started after the commit in its own process, without polling', async () => {
    await application.dataSource.transaction(async (manager) => {
      await application.events.emit(new Happened('committed'), { manager });
      expect(scripts.count('committed')).toBe(0);
    });
    await played('committed');

    expect(scripts.played).toHaveLength(1);
  });

  it('is started when emitted outside a transaction, without polling', async () => {
    await application.events.emit(new Happened('plain'));

    await expect(played('plain')).resolves.toBeUndefined();
  });

  it('is started in another process by its notification, without polling', async () => {
    await emitter.dataSource.transaction((manager) => emitter.events.emit(new Happened('notified'), { manager }));

    await expect(played('notified')).resolves.toBeUndefined();
  });

  it('is started after the commit of the outermost transaction when emitted in a savepoint', async () => {
    await application.dataSource.transaction(async (manager) => {
      await manager.transaction((nested) => application.events.emit(new Happened('nested'), { manager: nested }));
      await manager.query('select 1');
      expect(scripts.count('nested')).toBe(0);
    });

    await expect(played('nested')).resolves.toBeUndefined();
  });

  it('never was when its savepoint rolled back', async () => {
    const events = await application.count('jobs_event');
    await application.dataSource.transaction(async (manager) => {
      await application.events.emit(new Happened('outer'), { manager });
      const inner = manager.transaction(async (nested) => {
        await application.events.emit(new Happened('inner'), { manager: nested });
        throw new Error('changed my mind');
      });
      await inner.catch(() => undefined);
    });
    await played('outer');
    await application.drained();

    expect([await application.count('jobs_event'), scripts.count('inner')]).toEqual([events + 1, 0]);
  });

  it('is started when its delay is over', async () => {
    await emitter.events.emit(new Happened('delayed'), { delay: 50 });

    await expect(played('delayed')).resolves.toBeUndefined();
  });

  it('waits until its delay is over', async () => {
    await application.events.emit(new Happened('in an hour'), { delay: '1h' });
    await application.events.emit(new Happened('now'));
    await played('now');
    const before = scripts.count('in an hour');
    clock.offset = 3_600_000;
    await application.events.emit(new Happened('an hour later'));
    await played('in an hour');

    expect(before).toBe(0);
  });

  it('is started at the time it was emitted for', async () => {
    await application.events.emit(new Happened('tomorrow'), { runAt: new Date(Date.now() + 86_400_000) });
    await application.events.emit(new Happened('now'));
    await played('now');
    const before = scripts.count('tomorrow');
    clock.offset = 86_400_000;
    await application.events.emit(new Happened('a day later'));
    await played('tomorrow');

    expect(before).toBe(0);
  });

  it('is started at once when it was emitted for a time that has passed', async () => {
    await application.events.emit(new Happened('yesterday'), { runAt: new Date(Date.now() - 86_400_000) });

    await expect(played('yesterday')).resolves.toBeUndefined();
  });

  it('is found although its transaction committed long after its delay was over', async () => {
    await application.dataSource.transaction(async (manager) => {
      await application.events.emit(new Happened('a long transaction'), { manager, delay: '1s' });
      clock.offset = 3_600_000;
      await emitter.events.emit(new Happened('an hour later'));
      await played('an hour later');
    });

    await expect(played('a long transaction')).resolves.toBeUndefined();
  });

  it('does not wait for the next poll when it is put off while a claim is on its way', async () => {
    scripts.on('again and again', ({ attempt }) => {
      if (attempt < 15) throw new Error('once more');
    });
    const other = await start({
      providers: [Impatient],
      jobs: { worker },
    });
    try {
      await other.events.emitMany(Array.from({ length: 10 }, () => new Again('again and again')));
      await other.drained();

      expect(scripts.count('again and again')).toBe(150);
    } finally {
      await other.close();
    }
  });

  it('is found by polling where notifications do not arrive', async () => {
    await application.close();
    const pooler = await TcpProxy.start(database.url);
    pooler.poseAsPooler();
    application = await start({
      jobs: { worker, clock },
      typeorm: { url: pooler.url, synchronize: false },
      limits: { pollIntervalUnnotified: 20 },
    });
    try {
      await emitter.events.emit(new Happened('polled'));
      await played('polled');

      expect(await emitter.count('jobs_worker', `state = 'live' and mode = 'lease'`)).toBe(1);
    } finally {
      await application.close();
      await pooler.close();
      application = await start({ jobs: { worker, clock } });
    }
  });
});
