import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  type DeliveryContext,
  InProcessEvents,
  JobsError,
  OnReliableEvent,
  ReliableEvent,
  type TransactionalContext,
} from '../../../lib/index.js';
import { Signal } from '../../support/signal.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';

@ReliableEvent('payment.succeeded')
class PaymentSucceeded {
  constructor(readonly paymentId: string) {}
}

type Script = (manager: EntityManager, context: DeliveryContext) => Promise<unknown>;

const scripts: { transactional?: Script; late?: (context: DeliveryContext) => Promise<unknown>; last?: () => unknown } =
  {};

@Injectable()
class Receivers {
  @OnReliableEvent(PaymentSucceeded, { id: 'order', transactional: true })
  complete(_: PaymentSucceeded, context: TransactionalContext): Promise<unknown> | undefined {
    return scripts.transactional?.(context.manager, context);
  }

  @OnReliableEvent(PaymentSucceeded, { id: 'metrics', timeout: 20 })
  async count(_: PaymentSucceeded, context: DeliveryContext): Promise<unknown> {
    return scripts.late?.(context);
  }

  @OnReliableEvent(PaymentSucceeded, { id: 'last' })
  last(): unknown {
    return scripts.last?.();
  }
}

describe('A receiver that is run in process', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let sender: InProcessEvents;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers], jobs: { worker: false } });
    sender = application.context.get(InProcessEvents);
    await application.dataSource.query('create table payment (id text primary key, status text not null)');
    await application.dataSource.query('create table effect (what text primary key)');
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    scripts.transactional = scripts.late = scripts.last = undefined;
    await application.dataSource.query('truncate payment, effect');
  });

  const write = (manager: EntityManager, what: string): Promise<unknown> =>
    manager.query('insert into effect values ($1)', [what]);
  const effects = async (): Promise<string[]> => {
    const rows: { what: string }[] = await application.dataSource.query('select what from effect order by what');
    return rows.map(({ what }) => what);
  };
  const pay = async (manager: EntityManager): Promise<void> => {
    await manager.query(`insert into payment values ('p1', 'succeeded')`);
  };
  const statusIn = async (manager: EntityManager): Promise<string | undefined> => {
    const rows: { status: string }[] = await manager.query(`select status from payment where id = 'p1'`);
    return rows[0]?.status;
  };

  describe('in the sender’s transaction', () => {
    it('sees what the sender has not committed yet, through the manager it is given', async () => {
      const seen: unknown[] = [];
      scripts.transactional = async (manager) => seen.push(await statusIn(manager));
      scripts.late = (context) => context.transaction(async (manager) => seen.push(await statusIn(manager)));
      await application.dataSource.transaction(async (manager) => {
        await pay(manager);
        await sender.send(new PaymentSucceeded('p1'), { manager });
      });
      expect(seen).toEqual(['succeeded', 'succeeded']);
    });

    it('has its writes rolled back with it', async () => {
      scripts.transactional = (manager) => write(manager, 'order');
      scripts.late = (context) => context.transaction((manager) => write(manager, 'metrics'));
      const failure = application.dataSource.transaction(async (manager) => {
        await sender.send(new PaymentSucceeded('p1'), { manager });
        throw new Error('the card was declined');
      });
      await expect(failure).rejects.toThrow('the card was declined');
      expect(await effects()).toEqual([]);
    });

    it('has its writes committed with it', async () => {
      scripts.transactional = (manager) => write(manager, 'order');
      scripts.late = (context) => context.transaction((manager) => write(manager, 'metrics'));
      const meanwhile: string[][] = [];
      await application.dataSource.transaction(async (manager) => {
        await sender.sendRobust(new PaymentSucceeded('p1'), { manager });
        meanwhile.push(await effects());
      });
      expect([meanwhile, await effects()]).toEqual([[[]], ['metrics', 'order']]);
    });

    it('leaves nothing of its own when it fails, and the transaction usable, database errors included', async () => {
      scripts.transactional = async (manager) => {
        await write(manager, 'order');
        await manager.query('select 1 / 0');
      };
      scripts.late = (context) => context.transaction((manager) => write(manager, 'metrics'));
      await application.dataSource.transaction(async (manager) => {
        const [order] = await sender.sendRobust(new PaymentSucceeded('p1'), { manager });
        expect(String(order?.error)).toContain('division by zero');
        await write(manager, 'sender');
      });
      expect(await effects()).toEqual(['metrics', 'sender']);
    });

    it('may send in it what is to be heard after the commit, which a failure of its own takes back', async () => {
      const heard: string[] = [];
      await sender.connect('note.taken', (note) => heard.push(String(note)), { id: 'notes' });
      scripts.transactional = async (manager) => {
        await sender.sendAfterCommit('note.taken' as never, 'of the one that fails' as never, { manager });
        throw new Error('no');
      };
      const sent = new Signal();
      scripts.late = (context) =>
        context.transaction((manager) =>
          sender.sendAfterCommit('note.taken' as never, 'of the one that does not' as never, { manager }),
        );
      await sender.connect('note.taken', () => sent.give(), { id: 'notes-done' });
      await application.dataSource.transaction((manager) => sender.sendRobust(new PaymentSucceeded('p1'), { manager }));
      await sent.given;
      await sender.disconnect('notes');
      await sender.disconnect('notes-done');
      expect(heard).toEqual(['of the one that does not']);
    });

    it('joins a transaction that was begun by hand, and does not end it', async () => {
      scripts.transactional = (manager) => write(manager, 'order');
      const runner = application.dataSource.createQueryRunner();
      await runner.query('begin');
      await sender.send(new PaymentSucceeded('p1'), { manager: runner.manager });
      await runner.query('rollback');
      await runner.release();
      expect(await effects()).toEqual([]);
    });
  });

  describe('without a transaction of the sender', () => {
    it('has one of its own, that commits when it returns', async () => {
      scripts.transactional = (manager) => write(manager, 'order');
      let before: string[] = [];
      scripts.late = async () => (before = await effects());
      await sender.send(new PaymentSucceeded('p1'));
      expect(before).toEqual(['order']);
    });

    it('has it rolled back when it throws', async () => {
      scripts.transactional = async (manager) => {
        await write(manager, 'order');
        throw new Error('no');
      };
      await expect(sender.send(new PaymentSucceeded('p1'))).rejects.toThrow('no');
      expect(await effects()).toEqual([]);
    });
  });

  it('is not done before a transaction it did not wait for, and fails with it', async () => {
    scripts.late = async (context) => {
      void context.transaction((manager) => manager.query('select 1 / 0'));
      await Promise.resolve();
    };
    await expect(sender.send(new PaymentSucceeded('p1'))).rejects.toThrow('division by zero');
  });

  it('may handle the failure of its transaction itself', async () => {
    scripts.late = (context) => context.transaction((manager) => manager.query('select 1 / 0')).catch(() => 'handled');
    const answers = await sender.sendRobust(new PaymentSucceeded('p1'));
    expect(answers[1]).toEqual({ receiver: 'metrics', value: 'handled' });
  });

  it('has one transaction, as it has for a delivery', async () => {
    scripts.late = async (context) => {
      await context.transaction((manager) => write(manager, 'first'));
      await context.transaction((manager) => write(manager, 'second'));
    };
    await expect(sender.send(new PaymentSucceeded('p1'))).rejects.toThrow(JobsError);
    expect(await effects()).toEqual(['first']);
  });

  it('that is transactional is pointed to its manager when it asks for another transaction', async () => {
    scripts.transactional = (_, context) => context.transaction(() => Promise.resolve());
    await expect(sender.send(new PaymentSucceeded('p1'))).rejects.toThrow('use the context\'s "manager"');
  });

  it('is told to stop when its timeout is over, and is waited for', async () => {
    let done = false;
    scripts.late = async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
      throw signal.reason;
    };
    await expect(sender.send(new PaymentSucceeded('p1'))).rejects.toThrow(
      'Receiver "metrics" did not finish within its timeout of 20 ms.',
    );
    expect(done).toBe(true);
  });
});
