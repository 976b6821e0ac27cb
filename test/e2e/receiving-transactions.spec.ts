import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type DeliveryContext, type JobsErrorContext, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { LogCapture } from '../support/log-capture.js';
import { Scripts } from '../support/scripts.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('transactional.asked')
class TransactionalAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('late.asked')
class LateAsked {
  constructor(readonly script: string) {}
}

const scripts = new Scripts();
const retry = { attempts: 3, backoff: 'fixed', delay: 1 } as const;

@Injectable()
class Receivers {
  @OnReliableEvent(TransactionalAsked, { id: 'transactional', transactional: true, retry })
  transactional(event: TransactionalAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(LateAsked, { id: 'late', retry })
  late(event: LateAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

const write = (manager: EntityManager, text = 'effect'): Promise<unknown> =>
  manager.query('insert into effect (text) values ($1)', [text]);

describe('A receiver and its transaction', () => {
  const log = new LogCapture();
  const hooked: JobsErrorContext['outcome'][] = [];
  let database: TestDatabase;
  let application: TestApplication;

  const effects = (): Promise<number> => application.count('effect');
  const reasons = async (): Promise<string[]> =>
    (await application.dataSource.query<{ reason: string }[]>('select reason from jobs_dead_letter')).map(
      ({ reason }) => reason,
    );
  const idleInTransaction = (): Promise<number> =>
    application.count(
      'pg_stat_activity',
      `datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()`,
    );

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      providers: [Receivers],
      jobs: { worker: { pollInterval: '50ms' }, onError: (_error, { outcome }) => hooked.push(outcome) },
    });
    application.context.useLogger(log);
    await application.dataSource.query(
      'create table effect (text text not null, parent int references jobs_receiver (id) deferrable initially deferred)',
    );
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    await application.dataSource.query('truncate effect, jobs_delivery, jobs_dead_letter');
    scripts.clear();
    log.clear();
    hooked.length = 0;
  });

  describe.each([
    [
      'that is transactional',
      (script: string) => new TransactionalAsked(script),
      (context: DeliveryContext, work: (manager: EntityManager) => Promise<unknown>) =>
        work((context as DeliveryContext & { manager: EntityManager }).manager),
    ],
    [
      'that opens its transaction late',
      (script: string) => new LateAsked(script),
      (context: DeliveryContext, work: (manager: EntityManager) => Promise<unknown>) => context.transaction(work),
    ],
  ])('%s', (_kind, ask, transact) => {
    const run = async (
      script: string,
      work: (manager: EntityManager, context: DeliveryContext) => Promise<unknown>,
    ): Promise<void> => {
      scripts.on(script, (context) => transact(context, (manager) => work(manager, context)));
      await application.events.emit(ask(script));
      await application.drained();
    };

    it('commits its writes and the acknowledgement together', async () => {
      let seenBefore = -1;
      await run('writes', async (manager) => {
        await write(manager);
        seenBefore = await effects();
      });

      expect([seenBefore, await effects()]).toEqual([0, 1]);
    });

    it('leaves nothing of a run that threw after its write, and runs again', async () => {
      await run('throws', async (manager, { attempt }) => {
        await write(manager, `attempt ${attempt}`);
        if (attempt === 1) throw new Error('after the write');
      });

      expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'attempt 2' }]);
    });

    it('leaves nothing of a run whose claim was lost before its commit', async () => {
      await run('loses its claim', async (manager) => {
        await write(manager, `run ${scripts.count('loses its claim')}`);
        if (scripts.count('loses its claim') === 1) {
          await application.dataSource.query(
            'update jobs_delivery set claims = claims + 1, worker = null, claimed_at = null, ready_xid = null, due_at = now()',
          );
        }
      });

      expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'run 2' }]);
      expect(scripts.played.map(({ attempt }) => attempt)).toEqual([1, 1]);
      expect(log.text).toContain('had been lost; its outcome is dropped and changes nothing');
    });

    it('fails when a statement broke its transaction, even if it caught the error', async () => {
      await run('breaks', async (manager, { attempt }) => {
        await write(manager, `attempt ${attempt}`);
        if (attempt === 1) await manager.query('select 1 / 0').catch(() => undefined);
      });

      expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'attempt 2' }]);
    });

    it('fails when its commit does', async () => {
      await run('violates', async (manager, { attempt }) => {
        await manager.query('insert into effect values ($1, $2)', ['', attempt === 1 ? -1 : null]);
      });

      expect([await effects(), scripts.count('violates')]).toEqual([1, 2]);
    });

    it('runs again when its connection is terminated, and the connection is not used again', async () => {
      await run('is cut off', async (manager, { attempt }) => {
        await write(manager, `attempt ${attempt}`);
        if (attempt > 1) return;
        const [own] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
        await application.dataSource.query('select pg_terminate_backend($1)', [own.pid]);
        await write(manager, 'on a dead connection');
      });

      expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'attempt 2' }]);
    });

    it('runs again when its connection is terminated while it waits for the outside world', async () => {
      await run('is cut off while idle', async (manager, { attempt }) => {
        await write(manager, `attempt ${attempt}`);
        if (attempt > 1) return;
        const [own] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
        await application.dataSource.query('select pg_terminate_backend($1)', [own.pid]);
        await until(async () => (await application.count('pg_stat_activity', `pid = ${own.pid}`)) === 0);
      });

      expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'attempt 2' }]);
    });

    it('is refused to end the transaction itself', async () => {
      await run('rolls back', async (manager) => {
        await write(manager);
        await manager.queryRunner?.rollbackTransaction();
      });

      expect([await effects(), await idleInTransaction()]).toEqual([0, 0]);
      expect(await reasons()).toEqual([expect.stringContaining("ended the delivery's transaction itself")]);
    });

    it('is refused to leave a nested transaction open', async () => {
      await run('nests', async (manager) => {
        await write(manager);
        await manager.queryRunner?.startTransaction();
      });

      expect([await effects(), await idleInTransaction()]).toEqual([0, 0]);
      expect(await reasons()).toEqual([expect.stringContaining('left a nested transaction open')]);
    });

    it('returns no connection with an open transaction when it throws within a nested one', async () => {
      await run('throws nested', async (manager) => {
        await write(manager);
        await manager.queryRunner?.startTransaction();
        throw new Error('in between');
      });

      expect([await effects(), await idleInTransaction()]).toEqual([0, 0]);
    });

    it('may use savepoints, whose rollback leaves nothing of an event emitted within', async () => {
      const before = await application.count('jobs_event');
      await run('saves', async (manager) => {
        await write(manager);
        const inner = manager.transaction(async (nested) => {
          await application.events.emit(new LateAsked('inner'), { manager: nested });
          throw new Error('inner');
        });
        await inner.catch(() => undefined);
      });

      expect([await effects(), await application.count('jobs_event'), scripts.count('inner')]).toEqual([
        1,
        before + 1,
        0,
      ]);
    });
  });

  it('is done once its late transaction committed, whatever it throws after that', async () => {
    scripts.on('throws afterwards', async (context) => {
      await context.transaction(write);
      throw new Error('too late');
    });
    await application.events.emit(new LateAsked('throws afterwards'));
    await until(() => hooked.length > 0);

    expect(await application.count('jobs_delivery')).toBe(0);
    expect([await effects(), scripts.played.length, hooked]).toEqual([1, 1, ['committed']]);
    expect(log.messages('error')).toEqual([
      expect.stringContaining('after its transaction had committed; it is not run again: Error: too late'),
    ]);
  });

  it('may open its late transaction once only', async () => {
    const errors: string[] = [];
    scripts.on('opens two', async (context) => {
      await context.transaction(write);
      await context.transaction(write).catch((error: unknown) => errors.push(String(error)));
    });
    await application.events.emit(new LateAsked('opens two'));
    await application.drained();

    expect(errors).toEqual([
      'JobsError: Receiver "late" called transaction() a second time; a delivery is acknowledged once. Do both writes in one transaction.',
    ]);
    expect(await effects()).toBe(1);
  });

  it('cannot open another one when it is transactional', async () => {
    scripts.on('opens another', (context) => context.transaction(write));
    await application.events.emit(new TransactionalAsked('opens another'));
    await application.drained();

    expect(await reasons()).toEqual([
      'failed 3 times: Receiver "transactional" is transactional: its transaction is open already, use the context\'s "manager".',
    ]);
  });

  it('is not done before a late transaction that it forgot to await', async () => {
    scripts.on('forgets', (context) => {
      void context.transaction(write);
    });
    await application.events.emit(new LateAsked('forgets'));
    await application.drained();

    expect([await effects(), scripts.count('forgets')]).toEqual([1, 1]);
  });

  it('fails with a late transaction that it forgot to await', async () => {
    scripts.on('forgets a failure', (context) => {
      void context.transaction(async (manager) => {
        await write(manager, `attempt ${context.attempt}`);
        if (context.attempt === 1) throw new Error('unseen');
      });
    });
    await application.events.emit(new LateAsked('forgets a failure'));
    await application.drained();

    expect(await application.dataSource.query('select text from effect')).toEqual([{ text: 'attempt 2' }]);
  });

  it('is done when it handles the failure of its late transaction', async () => {
    scripts.on('handles', async (context) => {
      await context.transaction(() => Promise.reject(new Error('rolled back'))).catch(() => undefined);
    });
    await application.events.emit(new LateAsked('handles'));
    await application.drained();

    expect([await application.count('jobs_dead_letter'), scripts.count('handles')]).toEqual([0, 1]);
  });

  it('takes effect once when the answer to its commit is lost', async () => {
    const proxy = await TcpProxy.start(database.url);
    await application.close();
    const beside = await database.dataSource({ synchronize: false });
    application = await TestApplication.start(database, {
      providers: [Receivers],
      typeorm: { url: proxy.url, synchronize: false },
    });
    const count = async (table: string): Promise<number> =>
      (await beside.query<unknown[]>(`select from ${table}`)).length;
    try {
      scripts.on('commits', async ({ manager }) => {
        await write(manager);
        if (scripts.count('commits') > 1) return;
        void proxy.dropAnswerTo('COMMIT').then(async () => {
          await until(async () => (await count('effect')) === 1);
          proxy.cut();
          proxy.reopen();
        });
      });
      await application.events.emit(new TransactionalAsked('commits'));
      await until(async () => (await count('effect')) === 1 && (await count('jobs_delivery')) === 0);
      await beside.transaction((manager) =>
        manager.query(
          `with event as (insert into jobs_event (name, version, payload, receivers, created_at, retain_until)
             select 'late.asked', 1, '{"script":"the next"}', array[id], now(), now() from jobs_receiver where name = 'late' returning id)
           insert into jobs_delivery (event_id, receiver, version, priority, ready_xid)
             select event.id, r.id, 1, 4, txid_current() from event, jobs_receiver r where r.name = 'late'`,
        ),
      );
      await until(() => scripts.count('the next') === 1);

      expect([await count('effect'), scripts.count('commits')]).toEqual([1, 1]);
    } finally {
      await application.close();
      await beside.destroy();
      await proxy.close();
      application = await TestApplication.start(database, { providers: [Receivers] });
    }
  });
});
