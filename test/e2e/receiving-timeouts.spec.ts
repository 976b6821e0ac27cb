import { Injectable } from '@nestjs/common';
import { type DeliveryContext, DeliveryTimeoutError, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { Scripts } from '../support/scripts.js';
import { Signal } from '../support/signal.js';
import { TestApplication } from '../support/test-application.js';
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

@ReliableEvent('queued.asked')
class QueuedAsked {
  constructor(readonly script: string) {}
}

const scripts = new Scripts();
const options = { timeout: 60, concurrency: 1, retry: { attempts: 2, backoff: 'fixed', delay: 1 } } as const;

@Injectable()
class Receivers {
  @OnReliableEvent(PlainAsked, { id: 'plain', ...options })
  plain(event: PlainAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(QueuedAsked, { id: 'queued', transactional: true, ...options })
  queued(event: QueuedAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(TransactionalAsked, { id: 'transactional', transactional: true, ...options })
  transactional(event: TransactionalAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

/** Waits until the run is told to stop. */
const told = ({ signal }: DeliveryContext): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

describe('A receiver that takes longer than its timeout', () => {
  let database: TestDatabase;
  let application: TestApplication;

  const start = async (settleLimit: number): Promise<void> => {
    application = await TestApplication.start(database, {
      providers: [Receivers],
      typeorm: { poolSize: 3 },
      jobs: { worker: { transactionalConcurrency: 1 } },
      limits: { settleLimit },
    });
    await application.dataSource.query('create table if not exists effect (text text)');
    await application.dataSource.query('truncate effect, jobs_delivery, jobs_dead_letter');
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(async () => {
    await database.drop();
  });
  beforeEach(() => scripts.clear());
  afterEach(() => application.close());

  it('is told to stop by its signal, which says why', async () => {
    await start(60_000);
    const reasons: unknown[] = [];
    scripts.on('listens', async (context) => {
      reasons.push(await told(context));
    });
    await application.events.emit(new PlainAsked('listens'));
    await application.drained();

    expect(reasons).toEqual([new DeliveryTimeoutError('plain', 60)]);
    expect((reasons[0] as Error).message).toBe('Receiver "plain" did not finish within its timeout of 60 ms.');
  });

  it('failed by the timeout when it throws after it was told, whatever it throws', async () => {
    await start(60_000);
    scripts.on('gives up', async (context) => {
      await told(context);
      throw new Error('AbortError or the like');
    });
    await application.events.emit(new PlainAsked('gives up'));
    await application.drained();

    expect(await application.dataSource.query('select reason, failures from jobs_dead_letter')).toEqual([
      {
        reason: 'failed 2 times: Receiver "plain" did not finish within its timeout of 60 ms.',
        failures: [
          expect.objectContaining({ kind: 'timeout', attempt: 1, name: 'DeliveryTimeoutError' }),
          expect.objectContaining({ kind: 'timeout', attempt: 2 }),
        ],
      },
    ]);
  });

  it('may still commit when it ignored the signal but ends in time', async () => {
    await start(60_000);
    scripts.on('ignores it', async (context) => {
      await told(context);
      await context.manager.query(`insert into effect values ('late')`);
    });
    await application.events.emit(new TransactionalAsked('ignores it'));
    await application.drained();

    expect([await application.count('effect'), scripts.count('ignores it')]).toEqual([1, 1]);
  });

  it('keeps its slot until it settles, so that neither its retry nor another delivery runs beside it', async () => {
    await start(60_000);
    const settle = new Signal();
    const aborted = new Signal();
    let running = 0;
    let most = 0;
    scripts.on('hangs', async (context) => {
      most = Math.max(most, (running += 1));
      if (context.attempt === 1) {
        await told(context);
        aborted.give();
        await settle.given;
      }
      running -= 1;
      if (context.attempt === 1) throw new Error('at last');
    });
    scripts.on('next', () => {
      most = Math.max(most, running + 1);
    });
    await application.events.emit(new PlainAsked('hangs'));
    await until(() => scripts.count('hangs') === 1);
    await application.events.emit(new PlainAsked('next'));
    await aborted.given;
    const startedBeside = scripts.count('next');
    settle.give();
    await application.drained();

    expect([startedBeside, most, scripts.count('hangs'), scripts.count('next')]).toEqual([0, 1, 2, 1]);
  });

  it('is given up after the hard limit, its connection destroyed, and run again', async () => {
    await start(30);
    let backend = 0;
    const never = new Signal();
    scripts.on('never settles', async ({ manager, attempt }) => {
      if (attempt === 2) return;
      const [row] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
      backend = row.pid;
      await manager.query(`insert into effect values ('never')`);
      await never.given;
    });
    await application.events.emit(new TransactionalAsked('never settles'));
    await application.drained();

    expect([await application.count('effect'), scripts.count('never settles')]).toEqual([0, 2]);
    expect(await application.count('pg_stat_activity', `pid = ${backend}`)).toBe(0);
  });

  it('is given up even while the server is busy with a statement of it, whose locks are freed', async () => {
    await start(30);
    let backend = 0;
    scripts.on('waits in the server', async ({ manager, attempt }) => {
      // The retry needs the lock that the first run holds.
      await manager.query('lock table effect in access exclusive mode');
      if (attempt === 2) return;
      const [row] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
      backend = row.pid;
      await manager.query('select pg_sleep(3600)');
    });
    await application.events.emit(new TransactionalAsked('waits in the server'));
    await application.drained();

    expect(scripts.count('waits in the server')).toBe(2);
    expect(await application.count('pg_stat_activity', `pid = ${backend}`)).toBe(0);
    expect(await application.count('jobs_dead_letter')).toBe(0);
  });

  it('blocks no transaction of others once it was given up', async () => {
    await start(30);
    const never = new Signal();
    scripts.on('hangs for ever', () => never.given);
    // More than the pool has connections, and than there are slots.
    await application.events.emitMany(Array.from({ length: 5 }, () => new TransactionalAsked('hangs for ever')));
    await application.events.emit(new TransactionalAsked('works'));
    await application.drained();

    // How often each of the five hung is up to the machine: a run may time out before its transaction is open.
    expect([await application.count('jobs_dead_letter'), scripts.count('works')]).toEqual([5, 1]);
  });

  it('cannot open its transaction after it was given up', async () => {
    await start(30);
    const released = new Signal();
    const refused = new Signal<unknown>();
    scripts.on('comes back', async (context) => {
      if (context.attempt === 2) return;
      await released.given;
      await context
        .transaction((manager) => manager.query(`insert into effect values ('late')`))
        .catch((error: unknown) => refused.give(error));
    });
    await application.events.emit(new PlainAsked('comes back'));
    await application.drained();
    released.give();

    expect(await refused.given).toBeInstanceOf(DeliveryTimeoutError);
    expect(await application.count('effect')).toBe(0);
  });

  it('is not timed while it only waits for its turn to open a transaction', async () => {
    await start(60_000);
    const resume = new Signal();
    scripts.on('holds the only slot', () => resume.given);
    scripts.on('as long as the timeout', told);
    await application.events.emit(new TransactionalAsked('holds the only slot'));
    await until(() => scripts.count('holds the only slot') === 1);
    await application.events.emit(new QueuedAsked('queued'));
    await until(async () => (await application.count('jobs_delivery', 'worker is not null')) === 2);
    await application.events.emit(new PlainAsked('as long as the timeout'));
    await until(async () => (await application.count('jobs_delivery')) === 2);
    resume.give();
    await application.drained();

    expect(scripts.played.filter(({ script }) => script === 'queued')).toEqual([
      { script: 'queued', attempt: 1, receiver: 'queued' },
    ]);
  });
});
