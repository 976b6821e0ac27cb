import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { DataSource, type EntityManager } from 'typeorm';
import {
  addTransactionalDataSource,
  deleteDataSourceByName,
  initializeTransactionalContext,
  StorageDriver,
  Transactional as TypeormTransactional,
} from 'typeorm-transactional';
import {
  type DeliveryContext,
  InProcessEvents,
  OnReliableEvent,
  PayloadError,
  ReliableEvent,
  ReliableEvents,
  UnseenCommitError,
} from '../../../lib/index.js';
import { AfterCommitRuns } from '../../../lib/events/sending/after-commit-runs.js';
import { LogCapture } from '../../support/log-capture.js';
import { Signal } from '../../support/signal.js';
import { TestApplication, type TestApplicationOptions, typeormOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

@ReliableEvent('order.placed')
class OrderPlaced {
  constructor(readonly orderId: string) {}
}

@ReliableEvent('order.packed')
class OrderPacked {
  constructor(readonly orderId: string) {}
}

const requests = new AsyncLocalStorage<string>();

@Injectable()
class Receivers {
  static heard: string[] = [];
  static packed: string[] = [];
  static contexts: DeliveryContext[] = [];
  static requests: (string | undefined)[] = [];
  static visible: number[] = [];
  static work: ((context: DeliveryContext, event: OrderPlaced) => unknown) | undefined;

  constructor(private readonly dataSource: DataSource) {}

  @OnReliableEvent(OrderPlaced, { id: 'warehouse' })
  async pack(event: OrderPlaced, context: DeliveryContext): Promise<void> {
    Receivers.contexts.push(context);
    Receivers.requests.push(requests.getStore());
    await Receivers.work?.(context, event);
    const rows: { count: number }[] = await this.dataSource.query('select count(*)::int4 as count from placed');
    Receivers.visible.push(rows[0]?.count ?? 0);
    Receivers.heard.push(event.orderId);
  }

  @OnReliableEvent(OrderPacked, { id: 'shipping' })
  ship(event: OrderPacked): void {
    Receivers.packed.push(event.orderId);
  }
}

describe('An event sent after the commit', () => {
  let database: TestDatabase;
  let application: TestApplication;
  const log = new LogCapture();

  const sender = (): InProcessEvents => application.context.get(InProcessEvents);
  const place = (manager: EntityManager, id: string): Promise<void> =>
    sender().sendAfterCommit(new OrderPlaced(id), { manager });

  async function start(options: TestApplicationOptions = {}): Promise<void> {
    application = await TestApplication.start(database, {
      ...options,
      providers: [Receivers, ...(options.providers ?? [])],
    });
    application.context.useLogger(log);
    await application.dataSource.query('create table if not exists placed (id text primary key)');
    await application.dataSource.query('truncate placed');
  }

  /** Whatever was to be run after a commit has run by then. */
  const allRan = (): Promise<void> => application.context.get(AfterCommitRuns).beforeApplicationShutdown();

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    Receivers.heard = [];
    Receivers.packed = [];
    Receivers.contexts = [];
    Receivers.requests = [];
    Receivers.visible = [];
    Receivers.work = undefined;
    log.clear();
  });

  describe('of a plain transaction', () => {
    beforeAll(() => start());
    afterAll(() => application.close());
    beforeEach(() => application.dataSource.query('truncate placed'));

    it('runs receivers when it has committed, who see what it wrote', async () => {
      await application.dataSource.transaction(async (manager) => {
        await manager.query(`insert into placed values ('1')`);
        await place(manager, '1');
      });
      await until(() => Receivers.heard.length === 1);
      expect([Receivers.heard, Receivers.visible]).toEqual([['1'], [1]]);
    });

    it('runs nobody before', async () => {
      let before = -1;
      await application.dataSource.transaction(async (manager) => {
        await place(manager, '1');
        await manager.query('select 1');
        before = Receivers.contexts.length;
      });
      await allRan();
      expect([before, Receivers.heard]).toEqual([0, ['1']]);
    });

    it('runs nobody when it rolls back', async () => {
      const failure = application.dataSource.transaction(async (manager) => {
        await place(manager, '1');
        throw new Error('out of stock');
      });
      await expect(failure).rejects.toThrow('out of stock');
      await allRan();
      expect(Receivers.heard).toEqual([]);
    });

    it('runs nobody when the commit fails', async () => {
      await application.dataSource.query(`create table line (shelf text unique deferrable initially deferred)`);
      const failure = application.dataSource.transaction(async (manager) => {
        await manager.query(`insert into line values ('a'), ('a')`);
        await place(manager, '1');
      });
      await expect(failure).rejects.toThrow('duplicate key');
      await allRan();
      expect(Receivers.heard).toEqual([]);
    });

    it('runs nobody for a savepoint that rolled back, though the transaction commits', async () => {
      await application.dataSource.transaction(async (outer) => {
        await outer
          .transaction(async (inner) => {
            await place(inner, 'inner');
            throw new Error('changed my mind');
          })
          .catch(() => undefined);
        await place(outer, 'outer');
      });
      await allRan();
      expect(Receivers.heard).toEqual(['outer']);
    });

    it('runs receivers once for a savepoint that was released, at the commit of the transaction around it', async () => {
      let atRelease = -1;
      await application.dataSource.transaction(async (outer) => {
        await outer.transaction((inner) => place(inner, 'inner'));
        await outer.query('select 1');
        atRelease = Receivers.contexts.length;
      });
      await allRan();
      expect([atRelease, Receivers.heard]).toEqual([0, ['inner']]);
    });

    it('runs nobody for a released savepoint when the transaction around it rolls back', async () => {
      const failure = application.dataSource.transaction(async (outer) => {
        await outer.transaction((inner) => place(inner, 'inner'));
        throw new Error('changed my mind');
      });
      await expect(failure).rejects.toThrow('changed my mind');
      await allRan();
      expect(Receivers.heard).toEqual([]);
    });

    it('runs receivers for each event of a transaction, one event after the other, in the order of sending', async () => {
      const begun: string[] = [];
      Receivers.work = (_, { orderId }) => begun.push(`${orderId} after ${Receivers.heard.length}`);
      await application.dataSource.transaction(async (manager) => {
        await place(manager, '1');
        await manager.transaction((inner) => place(inner, '2'));
        await place(manager, '3');
      });
      await allRan();
      expect(begun).toEqual(['1 after 0', '2 after 1', '3 after 2']);
    });

    it('does not hold the connection of the transaction, nor the sender, while receivers run', async () => {
      const release = new Signal();
      const begun = new Signal();
      Receivers.work = () => {
        begun.give();
        return release.given;
      };
      const runner = application.dataSource.createQueryRunner();
      await runner.startTransaction();
      await place(runner.manager, '1');
      await runner.commitTransaction();
      await runner.release();
      await begun.given;
      const heardMeanwhile = [...Receivers.heard];
      release.give();
      await until(() => Receivers.heard.length === 1);
      expect([heardMeanwhile, runner.isReleased]).toEqual([[], true]);
    });

    it('does not fail the sender when a receiver throws; that is logged', async () => {
      Receivers.work = () => Promise.reject(new RangeError('no shelf'));
      await application.dataSource.transaction(async (manager) => {
        await manager.query(`insert into placed values ('1')`);
        await place(manager, '1');
      });
      await until(() => log.messages('error').length > 0);
      expect(log.messages('error')).toEqual([
        'warehouse on order.placed (sendAfterCommit) failed: RangeError: no shelf',
      ]);
      expect(await application.count('placed')).toBe(1);
    });

    it('is refused within the transaction when its payload cannot be sent', async () => {
      const failure = application.dataSource.transaction((manager) => place(manager, 1n as never));
      await expect(failure).rejects.toThrow(PayloadError);
    });

    it('carries what it was when it was sent', async () => {
      const event = new OrderPlaced('as sent');
      await application.dataSource.transaction(async (manager) => {
        await sender().sendAfterCommit(event, { manager });
        Object.assign(event, { orderId: 'changed later' });
      });
      await allRan();
      expect(Receivers.heard).toEqual(['as sent']);
    });

    it('gives receivers a transaction of their own', async () => {
      const states: (boolean | undefined)[] = [];
      Receivers.work = (context) =>
        context.transaction(async (manager) => {
          states.push(manager.queryRunner?.isTransactionActive);
          await manager.query(`insert into placed values ('own')`);
        });
      await application.dataSource.transaction((manager) => place(manager, '1'));
      await until(() => Receivers.heard.length === 1);
      expect([states, await application.count('placed')]).toEqual([[true], 1]);
    });

    it('reaches receivers in the asynchronous context of the sender', async () => {
      await requests.run('request 7', () => application.dataSource.transaction((manager) => place(manager, '1')));
      await until(() => Receivers.heard.length === 1);
      expect(Receivers.requests).toEqual(['request 7']);
    });

    it('does not notice a savepoint made by hand', async () => {
      await application.dataSource.transaction(async (manager) => {
        await manager.query('savepoint by_hand');
        await place(manager, '1');
        await manager.query('rollback to by_hand');
      });
      await allRan();
      expect(Receivers.heard).toEqual(['1']);
    });

    it('is refused in a transaction begun by hand, of whose commit nobody tells', async () => {
      const runner = application.dataSource.createQueryRunner();
      await runner.query('begin');
      await expect(place(runner.manager, '1')).rejects.toThrow(UnseenCommitError);
      await runner.query('rollback');
      await runner.release();
      expect(Receivers.contexts).toEqual([]);
    });
  });

  it('is waited for by the end of the application', async () => {
    await start();
    const release = new Signal();
    Receivers.work = () => release.given;
    await application.dataSource.transaction((manager) => place(manager, '1'));
    await until(() => Receivers.contexts.length === 1);
    const closed = application.close();
    release.give();
    await closed;
    expect(Receivers.heard).toEqual(['1']);
  });

  describe('in a @Transactional() method', () => {
    afterEach(() => application.close());

    it('of @nestjs-cls/transactional waits for its commit, and its receivers are outside of it', async () => {
      @Injectable()
      class Orders {
        constructor(
          private readonly inProcess: InProcessEvents,
          private readonly events: ReliableEvents,
        ) {}

        @Transactional()
        async place(id: string, fails: boolean): Promise<void> {
          await this.inProcess.sendAfterCommit(new OrderPlaced(id));
          if (fails) throw new Error('out of stock');
        }

        packed(id: string): Promise<unknown> {
          return this.events.emit(new OrderPacked(id));
        }
      }
      await start({
        imports: [
          ClsModule.forRoot({
            global: true,
            plugins: [
              new ClsPluginTransactional({
                imports: [TypeOrmModule],
                adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: getDataSourceToken() as string }),
              }),
            ],
          }),
        ],
        jobs: { transactionManager: () => TransactionHost.getInstance<TransactionalAdapterTypeOrm>().tx },
        providers: [Orders],
      });
      const orders = application.context.get(Orders);
      const active: boolean[] = [];
      Receivers.work = async (_, { orderId }) => {
        active.push(TransactionHost.getInstance().isTransactionActive());
        await orders.packed(orderId);
      };
      await orders.place('1', true).catch(() => undefined);
      await orders.place('2', false);
      await until(() => Receivers.packed.length > 0 && Receivers.heard.length > 0);
      expect([Receivers.heard, active, Receivers.packed]).toEqual([['2'], [false], ['2']]);
    });

    it('of typeorm-transactional waits for its commit, and its receivers are outside of it', async () => {
      initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE });
      @Injectable()
      class Orders {
        constructor(
          private readonly inProcess: InProcessEvents,
          private readonly events: ReliableEvents,
        ) {}

        @TypeormTransactional()
        async place(id: string, fails: boolean): Promise<void> {
          await this.inProcess.sendAfterCommit(new OrderPlaced(id));
          if (fails) throw new Error('out of stock');
        }

        packed(id: string): Promise<unknown> {
          return this.events.emit(new OrderPacked(id));
        }
      }
      await start({
        typeormModule: TypeOrmModule.forRootAsync({
          useFactory: () => typeormOptions(database),
          dataSourceFactory: (options) => Promise.resolve(addTransactionalDataSource(new DataSource(options!))),
        }),
        providers: [Orders],
      });
      const orders = application.context.get(Orders);
      Receivers.work = (_, { orderId }) => orders.packed(orderId);
      await orders.place('1', true).catch(() => undefined);
      await orders.place('2', false);
      await until(() => Receivers.packed.length > 0 && Receivers.heard.length > 0);
      deleteDataSourceByName('default');
      expect([Receivers.heard, Receivers.packed]).toEqual([['2'], ['2']]);
    });
  });
});
