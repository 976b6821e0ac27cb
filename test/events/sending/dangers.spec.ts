import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type DeliveryContext, InProcessEvents, OnReliableEvent, ReliableEvent } from '../../../lib/index.js';
import { ShipmentDue } from '../../support/shipment-due.js';
import { Signal } from '../../support/signal.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

@ReliableEvent('payment.done')
class PaymentDone {
  constructor(readonly paymentId: string) {}
}

type Work = (event: PaymentDone, context: DeliveryContext) => unknown;

@Injectable()
class Receivers {
  static work: Work | undefined;
  static last: Work | undefined;

  @OnReliableEvent(PaymentDone, { id: 'order' })
  complete(event: PaymentDone, context: DeliveryContext): unknown {
    return Receivers.work?.(event, context);
  }

  @OnReliableEvent(PaymentDone, { id: 'receipt' })
  receipt(event: PaymentDone, context: DeliveryContext): unknown {
    return Receivers.last?.(event, context);
  }
}

describe('What goes wrong when a payment is told of', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let sender: InProcessEvents;
  const mails: string[] = [];

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers] });
    sender = application.context.get(InProcessEvents);
    await application.dataSource.query('create table payment (id text primary key, status text not null)');
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    Receivers.work = Receivers.last = undefined;
    mails.length = 0;
    await application.dataSource.query(`truncate payment`);
    await application.dataSource.query(`insert into payment values ('p1', 'initiated')`);
  });

  const succeed = (manager: EntityManager): Promise<unknown> =>
    manager.query(`update payment set status = 'succeeded' where id = 'p1'`);
  const status = async (): Promise<string | undefined> => {
    const rows: { status: string }[] = await application.dataSource.query('select status from payment');
    return rows[0]?.status;
  };

  const ways: ['send' | 'sendRobust'][] = [['send'], ['sendRobust']];

  describe.each(ways)('by %s inside the transaction:', (way) => {
    const sent = (manager: EntityManager): Promise<unknown> => sender[way](new PaymentDone('p1'), { manager });

    it('it stays open, and its rows locked, for as long as receivers take', async () => {
      const [begun, release] = [new Signal(), new Signal()];
      Receivers.work = () => {
        begun.give();
        return release.given;
      };
      const paid = application.dataSource.transaction(async (manager) => {
        await succeed(manager);
        await sent(manager);
      });
      await begun.given;
      const locked = application.dataSource.transaction((manager) =>
        manager.query(`select from payment where id = 'p1' for update nowait`),
      );
      await expect(locked).rejects.toThrow('could not obtain lock on row');
      release.give();
      await paid;
    });

    it('a mail a receiver sent stays sent when it rolls back', async () => {
      Receivers.last = ({ paymentId }) => mails.push(`${paymentId} is paid`);
      const failure = application.dataSource.transaction(async (manager) => {
        await succeed(manager);
        await sent(manager);
        throw new Error('the bank changed its mind');
      });
      await expect(failure).rejects.toThrow('changed its mind');
      expect([mails, await status()]).toEqual([['p1 is paid'], 'initiated']);
    });

    it('a receiver on another connection does not see what it is told of', async () => {
      let seen: unknown;
      Receivers.work = async () => (seen = await status());
      await application.dataSource.transaction(async (manager) => {
        await succeed(manager);
        await sent(manager);
      });
      expect([seen, await status()]).toEqual(['initiated', 'succeeded']);
    });

    it('a receiver on another connection that needs the same row would wait for ever', async () => {
      Receivers.work = () =>
        application.dataSource.transaction(async (other) => {
          await other.query(`set local lock_timeout = '50ms'`);
          await other.query(`select from payment where id = 'p1' for update`);
        });
      const paid = application.dataSource.transaction(async (manager) => {
        await succeed(manager);
        const answers = await sent(manager);
        throw (answers as { error?: unknown }[])[0]?.error;
      });
      await expect(paid).rejects.toThrow('lock timeout');
    });

    it('a receiver’s database error aborts it, when it is made on the sender’s connection outside context.transaction', async () => {
      let ambient: EntityManager | undefined;
      Receivers.work = () => ambient?.query('select 1 / 0').catch(() => 'swallowed');
      const paid = application.dataSource.transaction(async (manager) => {
        ambient = manager;
        await sent(manager);
        await succeed(manager);
      });
      await expect(paid).rejects.toThrow('current transaction is aborted');
      expect(await status()).toBe('initiated');
    });
  });

  it('by send inside the transaction: a receiver that throws takes the payment back', async () => {
    Receivers.work = () => {
      throw new Error('no such order');
    };
    const paid = application.dataSource.transaction(async (manager) => {
      await succeed(manager);
      await sender.send(new PaymentDone('p1'), { manager });
    });
    await expect(paid).rejects.toThrow('no such order');
    expect(await status()).toBe('initiated');
  });

  it('by sendRobust inside the transaction: the payment commits, and nobody runs the receiver that failed again', async () => {
    let runs = 0;
    Receivers.work = () => {
      runs += 1;
      throw new Error('no such order');
    };
    await application.dataSource.transaction(async (manager) => {
      await succeed(manager);
      await sender.sendRobust(new PaymentDone('p1'), { manager });
    });
    await application.drained();
    expect([runs, await status()]).toEqual([1, 'succeeded']);
  });

  it('by sendAfterCommit: a receiver that fails is not run again, though the payment stands', async () => {
    let runs = 0;
    Receivers.work = () => {
      runs += 1;
      throw new Error('no such order');
    };
    const told = new Signal();
    Receivers.last = () => told.give();
    await application.dataSource.transaction(async (manager) => {
      await succeed(manager);
      await sender.sendAfterCommit(new PaymentDone('p1'), { manager });
    });
    await told.given;
    await application.drained();
    expect([runs, await status()]).toEqual([1, 'succeeded']);
  });

  it('by emit: nothing of the above; the receiver is run again until it succeeds', async () => {
    let runs = 0;
    Receivers.work = async (_, context) => {
      runs += 1;
      expect(await status()).toBe('succeeded');
      if (context.attempt === 1) throw new Error('not yet');
    };
    await application.dataSource.transaction(async (manager) => {
      await succeed(manager);
      await application.events.emit(new PaymentDone('p1'), { manager });
    });
    await application.drained();
    expect(runs).toBe(2);
  });
});

describe('A process that is killed between its commit and its receivers', () => {
  const child = resolve(__dirname, '../../../.build/test/children/sending-process.js');
  let database: TestDatabase;
  let dataSource: DataSource;

  @Injectable()
  class Shipping {
    @OnReliableEvent(ShipmentDue, { id: 'shipping' })
    async ship({ way }: ShipmentDue): Promise<void> {
      await dataSource.query('insert into shipped values ($1)', [way]);
    }
  }

  beforeAll(async () => {
    database = await TestDatabase.create();
    dataSource = await database.dataSource({ synchronize: false });
    await dataSource.query('create table paid (id text); create table shipped (way text)');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('loses what was sent after the commit, for ever; what was emitted is run by another process', async () => {
    const process_ = spawn(process.execPath, [child, database.url], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    await once(process_.stdout!, 'data');
    process_.kill('SIGKILL');
    await once(process_, 'exit');
    const paid: unknown[] = await dataSource.query('select from paid');

    const application = await TestApplication.start(database, { providers: [Shipping] });
    const shipped = (): Promise<unknown[]> => dataSource.query('select way from shipped');
    await until(async () => (await shipped()).length > 0);
    await application.drained();
    await application.close();
    expect([paid.length, await shipped()]).toEqual([1, [{ way: 'emit' }]]);
  });
});
