import { Injectable } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { DataSource } from 'typeorm';
import {
  addTransactionalDataSource,
  deleteDataSourceByName,
  initializeTransactionalContext,
  Propagation,
  StorageDriver,
  Transactional as TypeormTransactional,
} from 'typeorm-transactional';
import { OnReliableEvent, ReliableEvent, ReliableEvents } from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions, typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('order.placed')
class OrderPlaced {
  constructor(readonly orderId: string) {}
}

@Injectable()
class Warehouse {
  readonly heard: string[] = [];

  @OnReliableEvent(OrderPlaced, { id: 'warehouse' })
  pack({ orderId }: OrderPlaced): void {
    this.heard.push(orderId);
  }
}

@Injectable()
class ClsOrders {
  constructor(private readonly events: ReliableEvents) {}

  @Transactional()
  place(orderId: string): Promise<unknown> {
    return this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
  }

  @Transactional()
  async placeAndFail(orderId: string): Promise<void> {
    await this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
    throw new Error('out of stock');
  }

  outside(orderId: string): Promise<unknown> {
    return this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
  }
}

@Injectable()
class TypeormOrders {
  constructor(private readonly events: ReliableEvents) {}

  @TypeormTransactional()
  place(orderId: string): Promise<unknown> {
    return this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
  }

  @TypeormTransactional()
  async placeAndFail(orderId: string): Promise<void> {
    await this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
    throw new Error('out of stock');
  }

  @TypeormTransactional()
  async placeAndFailWith(orderId: string, other: string): Promise<void> {
    await this.inItsOwn(other);
    await this.placeAndFail(orderId);
  }

  @TypeormTransactional({ propagation: Propagation.REQUIRES_NEW })
  inItsOwn(orderId: string): Promise<unknown> {
    return this.events.emit(new OrderPlaced(orderId), { requireTransaction: true });
  }
}

describe('An event emitted without a manager in a @Transactional() method', () => {
  let database: TestDatabase;
  let app: TestApplication;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  async function start(options: TestApplicationOptions): Promise<void> {
    app = await TestApplication.start(database, {
      ...options,
      providers: [Warehouse, ...(options.providers ?? [])],
    });
  }

  const heard = (): string[] => app.context.get(Warehouse).heard;

  describe('of @nestjs-cls/transactional', () => {
    beforeEach(() =>
      start({
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
        // The line of the README.
        jobs: { transactionManager: () => TransactionHost.getInstance<TransactionalAdapterTypeOrm>().tx },
        providers: [ClsOrders],
      }),
    );

    it('is delivered when the method commits', async () => {
      await app.context.get(ClsOrders).place('1');
      await app.drained();
      expect(heard()).toEqual(['1']);
    });

    it('is gone when the method rolls back', async () => {
      await expect(app.context.get(ClsOrders).placeAndFail('1')).rejects.toThrow('out of stock');
      expect(await app.count('jobs_event')).toBe(0);
    });

    it('knows that it is outside of one', async () => {
      await expect(app.context.get(ClsOrders).outside('1')).rejects.toThrow('there is no transaction to join');
    });
  });

  describe('of typeorm-transactional', () => {
    beforeAll(() => initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE }));
    afterEach(() => deleteDataSourceByName('default'));
    beforeEach(() =>
      start({
        // No line is needed: the library puts its manager in the place of the data source's.
        typeormModule: TypeOrmModule.forRootAsync({
          useFactory: () => typeormOptions(database),
          dataSourceFactory: async (options) => addTransactionalDataSource(new DataSource(options!)),
        }),
        providers: [TypeormOrders],
      }),
    );

    it('is delivered when the method commits', async () => {
      await app.context.get(TypeormOrders).place('1');
      await app.drained();
      expect(heard()).toEqual(['1']);
    });

    it('is gone when the method rolls back', async () => {
      await expect(app.context.get(TypeormOrders).placeAndFail('1')).rejects.toThrow('out of stock');
      expect(await app.count('jobs_event')).toBe(0);
    });

    it('stays when the method had a transaction of its own', async () => {
      await expect(app.context.get(TypeormOrders).placeAndFailWith('1', '2')).rejects.toThrow('out of stock');
      await app.drained();
      expect(heard()).toEqual(['2']);
    });
  });
});
