import { Injectable } from '@nestjs/common';
import { DiscardDelivery, NonRetryableError, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { Signal } from '../support/signal.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('order.paid')
class OrderPaid {}

@Injectable()
class Receivers {
  readonly release = new Signal();

  @OnReliableEvent(OrderPaid, { id: 'done' })
  done(): void {
    // nothing to do
  }

  @OnReliableEvent(OrderPaid, { id: 'discards' })
  discards(): void {
    throw new DiscardDelivery('not mine');
  }

  @OnReliableEvent(OrderPaid, { id: 'dies' })
  dies(): void {
    throw new NonRetryableError('never');
  }

  @OnReliableEvent(OrderPaid, { id: 'fails', retry: { delay: '1h', jitter: 0 } })
  fails(): void {
    throw new Error('not yet');
  }

  @OnReliableEvent(OrderPaid, { id: 'runs' })
  async runs(): Promise<void> {
    await this.release.given;
  }
}

describe('The status of an event', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers] });
    await application.dataSource.query(`insert into jobs_receiver (name) values ('elsewhere')`);
    await application.dataSource.query(
      `insert into jobs_subscription (pattern, receiver) select 'order.paid', id from jobs_receiver where name = 'elsewhere'`,
    );
  });
  afterAll(async () => {
    application.context.get(Receivers).release.give();
    await application.close();
    await database.drop();
  });

  it('tells of each receiver what became of it', async () => {
    const { id } = await application.events.emit(new OrderPaid());
    await until(async () => (await application.count('jobs_delivery')) === 3);
    await until(async () => (await application.count('jobs_delivery', 'worker is not null')) === 1);

    const status = await application.events.status(id);

    expect(status).toMatchObject({ id, name: 'order.paid', emittedAt: expect.any(Date) });
    expect(Object.fromEntries(status?.receivers.map(({ receiver, state }) => [receiver, state]) ?? [])).toEqual({
      done: 'delivered',
      discards: 'discarded',
      dies: 'dead',
      fails: 'retrying',
      runs: 'running',
      elsewhere: 'waiting',
    });
    expect(status?.receivers.find(({ receiver }) => receiver === 'fails')).toMatchObject({
      attempts: 1,
      dueAt: expect.any(Date),
    });
    expect(status?.receivers.find(({ receiver }) => receiver === 'discards')?.reason).toBe('not mine');
  });

  it('is null for an event that is not there', async () => {
    expect(await application.events.status('999999')).toBeNull();
    expect(await application.events.status("1' or true")).toBeNull();
  });
});
