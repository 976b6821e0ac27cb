import { Logger } from '@nestjs/common';
import { ReceiversFailedError } from '../../lib/testing/index.js';
import { OrderCompleted, PaymentCompleted } from './support/shop.js';
import { ShopUnderTest } from './support/shop-under-test.js';

describe('mode inline', () => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start('inline');
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await shop.reset();
    await shop.payments.open('p1', 'o1');
  });

  it('T6: the happy path needs no worker: receivers have run when the test goes on, cascades included', async () => {
    await shop.payments.complete('p1');
    await shop.jobs.settled();
    expect(shop.journal.entries).toEqual(['completed o1', 'receipt for p1, attempt 1', 'to be reviewed o1']);
    expect(await shop.orders.statusOf('o1')).toBe('completed');
    expect(await shop.count('jobs_delivery')).toBe(0);
  });

  it('T7: receivers run at the commit, and so see what the emitter wrote after it emitted; after a rollback not at all', async () => {
    await shop.dataSource.transaction(async () => {
      await shop.payments.complete('p1');
    });
    await shop.jobs.settled();
    expect(shop.jobs.delivered(PaymentCompleted).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    await shop.payments.open('p2', 'o2');
    await expect(shop.payments.complete('p2', { fail: true })).rejects.toThrow('changed its mind');
    await shop.jobs.settled();
    expect(await shop.orders.statusOf('o2')).toBe('placed');
  });

  it('T7: the commit of a savepoint is none, and its rollback takes its events with it', async () => {
    const { ReliableEvents } = await import('../../lib/index.js');
    const events = shop.module.get(ReliableEvents, { strict: false });
    await shop.dataSource.transaction(async (manager) => {
      await manager.transaction((inner) => events.emit(new OrderCompleted('o1'), { manager: inner }));
      await expect(
        manager.transaction(async (inner) => {
          await events.emit(new OrderCompleted('o9'), { manager: inner });
          throw new Error('taken back');
        }),
      ).rejects.toThrow('taken back');
      await shop.jobs.settled();
      expect(shop.journal.entries).toEqual([]);
      expect(shop.jobs.emitted()).toEqual([]);
    });
    await shop.jobs.settled();
    expect(shop.journal.entries).toEqual(['to be reviewed o1']);
    expect(shop.jobs.emitted(OrderCompleted)).toHaveLength(1);
  });

  it('T1: a receiver that fails does not reach the emitter; the test sees what it threw', async () => {
    shop.journal.mailFailures = 1;
    await shop.payments.complete('p1');
    const settled = shop.jobs.settled();
    await expect(settled).rejects.toThrow(ReceiversFailedError);
    await expect(settled).rejects.toThrow(
      'A receiver failed:\n  mailer.receipt on payment.completed, attempt 1 (retried): Error: the mail server is away',
    );
    expect(await shop.orders.statusOf('o1')).toBe('completed');
    await shop.jobs.settled();
  });

  it('T1: what receivers threw is kept until it is taken', async () => {
    shop.journal.mailFailures = 1;
    await shop.payments.complete('p1');
    await expect(shop.jobs.settled()).rejects.toMatchObject({ errors: [new Error('the mail server is away')] });
    expect(shop.jobs.errors).toEqual([]);
    shop.jobs.clock.advance('10m');
    expect(await shop.jobs.drain()).toMatchObject([{ receiver: 'mailer.receipt', attempt: 2, outcome: 'succeeded' }]);
  });

  it('a receiver that drains is told that it waits for itself', async () => {
    const { Mailer } = await import('./support/shop.js');
    const mailer = shop.module.get(Mailer, { strict: false });
    const remind = jest.spyOn(mailer, 'remind').mockImplementation(async () => {
      await shop.jobs.drain();
    });
    await shop.payments.remindIn('p1', '1s');
    shop.jobs.clock.advance('1s');
    const runs = await shop.jobs.drain({ until: () => true });
    expect(runs[0]).toMatchObject({
      error: { message: expect.stringMatching(/^A receiver called drain\(\)/) as string },
    });
    remind.mockRestore();
  });
});

describe('mode inline, closed with an error nobody looked at', () => {
  it('logs it', async () => {
    const shop = await ShopUnderTest.start('inline');
    await shop.payments.open('p1', 'o1');
    shop.journal.mailFailures = 1;
    await shop.payments.complete('p1');
    const error = jest.spyOn(Logger.prototype, 'error');
    await shop.close();
    expect(error).toHaveBeenCalledWith(expect.any(ReceiversFailedError));
    error.mockRestore();
  });
});
