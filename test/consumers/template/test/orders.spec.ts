import 'reflect-metadata';

import { EventEmitter2 } from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import { JobsService } from 'nestjs-jobs';
import { JobsTesting, JobsTestingModule, jobsMatchers } from 'nestjs-jobs/testing';
import { DataSource } from 'typeorm';

import { AppModule } from '../src/app.module.js';
import { Journal, Order, OrderPaid, Orders, OrderShipped, PackOrder, Parcel, RateOrder } from '../src/orders.js';
import { until } from '../src/until.js';

expect.extend(jobsMatchers);

describe('Orders', () => {
  let app: TestingModule;

  beforeAll(async () => {
    app = await Test.createTestingModule({
      imports: [AppModule.with({ worker: true, tables: 'synchronized' })],
    }).compile();
    app.enableShutdownHooks();
    await app.init();
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const parcelsOf = (orderId: string): Promise<number> => app.get(DataSource).manager.countBy(Parcel, { orderId });

  async function order(id: string): Promise<Order> {
    return app.get(DataSource).manager.findOneByOrFail(Order, { id });
  }

  it('are shipped once they are paid', async () => {
    await app.get(Orders).pay('one');
    await until('a parcel', async () => (await parcelsOf('one')) > 0);
    expect(await parcelsOf('one')).toBe(1);
  });

  it('are not shipped when the payment was rolled back', async () => {
    await expect(app.get(Orders).pay('two', new Error('refused'))).rejects.toThrow('refused');
    const [row]: { count: number }[] = await app
      .get(DataSource)
      .query(`select count(*)::int as count from jobs_event where payload ->> 'orderId' = 'two'`);
    expect(row?.count).toBe(0);
  });

  it('are a job until they are packed', async () => {
    await app.get(Orders).pay('three');
    const target = await order('three');
    const open = await app.get(JobsService).findPending(PackOrder, { target });
    await app.get(Orders).pack('three');
    await until('the journal', () => app.get(Journal).lines.includes('completed order.pack three'));
    expect([open.length, await app.get(JobsService).findPending(PackOrder, { target })]).toEqual([1, []]);
  });

  it('complete a job by being shipped', async () => {
    await app.get(Orders).pay('four');
    const target = await order('four');
    await until('the rating to be done', async () => {
      return (await app.get(JobsService).findPending(RateOrder, { target })).length === 0;
    });
    expect(await parcelsOf('four')).toBe(1);
  });

  it('leave plain events alone', () => {
    app.get(EventEmitter2).emit('order.seen', 'five');
    expect(app.get(Journal).lines).toContain('seen five');
  });
});

describe('Orders in the hands of a test', () => {
  it('are shipped when they are drained, and all of it is rolled back', async () => {
    const app = await Test.createTestingModule({
      imports: [
        AppModule.with({ worker: true, tables: 'synchronized' }),
        JobsTestingModule.forRoot({ mode: 'manual' }),
      ],
    }).compile();
    await app.init();
    const jobs = app.get(JobsTesting);
    await jobs.startTransaction();
    await app.get(Orders).pay('kit');
    const runs = await jobs.drain();
    expect(runs.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
    expect(jobs).toHaveEmitted(OrderPaid, { orderId: 'kit' }, { times: 1 });
    // @ts-expect-error The id of an order is text, which the matchers know.
    expect(jobs).not.toHaveEmitted(OrderPaid, { orderId: 7 });
    expect(jobs).toHaveDelivered(OrderPaid, undefined, { to: 'shipping.on-order-paid' });
    expect(jobs).toHaveEmittedInOrder([OrderPaid, OrderShipped]);
    expect(jobs).toHaveRequested(PackOrder, { target: 'kit' });
    await jobs.rollbackTransaction();
    expect(await app.get(DataSource).manager.countBy(Parcel, { orderId: 'kit' })).toBe(0);
    await app.close();
  }, 60_000);
});
