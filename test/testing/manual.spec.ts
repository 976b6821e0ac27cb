import { emission } from '../../lib/index.js';
import { OrderCompleted, OrderShipped, PaymentCompleted, ReviewOrder, ShipOrder } from './support/shop.js';
import { ShopUnderTest } from './support/shop-under-test.js';

describe('mode manual', () => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start('manual');
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await shop.reset();
    await shop.payments.open('p1', 'o1');
  });

  it('writes deliveries, and runs nothing by itself', async () => {
    await shop.payments.complete('p1');
    expect(await shop.count('jobs_delivery')).toBe(2);
    expect(shop.journal.entries).toEqual([]);
  });

  it('T8: drains what is ready and what that leads to, and says what ran', async () => {
    await shop.payments.complete('p1');
    const runs = await shop.jobs.drain();
    expect(runs.map(({ receiver, outcome }) => `${receiver} ${outcome}`)).toEqual([
      'orders.complete succeeded',
      'mailer.receipt succeeded',
      'orders.review succeeded',
    ]);
    expect(runs[0]).toMatchObject({
      event: 'payment.completed',
      attempt: 1,
      payload: new PaymentCompleted('p1', 'o1'),
    });
    expect(await shop.orders.statusOf('o1')).toBe('completed');
    expect(await shop.count('jobs_delivery')).toBe(0);
    expect(await shop.jobs.drain()).toEqual([]);
  });

  it('runs one at a time, in order', async () => {
    await shop.payments.complete('p1');
    expect(await shop.jobs.runNext()).toMatchObject({ receiver: 'orders.complete' });
    expect(await shop.count('jobs_delivery', 'worker is null')).toBe(2);
    expect(await shop.jobs.runNext()).toMatchObject({ receiver: 'mailer.receipt' });
    expect(await shop.jobs.runNext()).toMatchObject({ receiver: 'orders.review' });
    expect(await shop.jobs.runNext()).toBeUndefined();
  });

  it('runs what is more urgent first', async () => {
    await shop.jobs.emit(emission(new OrderCompleted('slow'), { priority: 7 }));
    await shop.jobs.emit(emission(new OrderCompleted('fast'), { priority: 0 }));
    const runs = await shop.jobs.drain();
    expect(runs.map(({ payload }) => (payload as OrderCompleted).orderId)).toEqual(['fast', 'slow']);
  });

  it('stops when it shall, and leaves the rest to the next drain', async () => {
    await shop.payments.complete('p1');
    const runs = await shop.jobs.drain({ until: ({ receiver }) => receiver === 'orders.complete' });
    expect(runs).toHaveLength(1);
    expect(await shop.count('jobs_delivery', 'worker is null and interruptions = 0')).toBe(2);
    expect(await shop.jobs.drain()).toHaveLength(2);
  });

  it('leaves what receivers emitted alone without recursion', async () => {
    await shop.payments.complete('p1');
    const runs = await shop.jobs.drain({ recursion: false });
    expect(runs.map(({ receiver }) => receiver)).toEqual(['orders.complete', 'mailer.receipt']);
    expect(await shop.jobs.drain({ recursion: false })).toMatchObject([{ receiver: 'orders.review' }]);
  });

  it('ends a cascade that never ends, naming it, and loses nothing', async () => {
    await shop.payments.complete('p1');
    await expect(shop.jobs.drain({ limit: 2 })).rejects.toThrow(
      'drain() ran 2 deliveries and is not done; the last were orders.complete on payment.completed, mailer.receipt on payment.completed',
    );
    expect(await shop.count('jobs_delivery', 'worker is null')).toBe(1);
  });

  it('T8: retries are reached by moving the clock', async () => {
    shop.journal.mailFailures = 2;
    await shop.payments.complete('p1');
    const runs = await shop.jobs.drain();
    expect(runs.find(({ receiver }) => receiver === 'mailer.receipt')).toMatchObject({
      outcome: 'retried',
      failed: true,
      retryIn: 600_000,
      error: new Error('the mail server is away'),
    });
    shop.jobs.clock.advance('9m');
    expect(await shop.jobs.drain()).toEqual([]);
    shop.jobs.clock.advance('2m');
    expect(await shop.jobs.drain()).toMatchObject([{ attempt: 2, outcome: 'retried' }]);
    expect(await shop.jobs.drain({ withDelayed: true })).toMatchObject([{ attempt: 3, outcome: 'succeeded' }]);
    expect(shop.journal.entries).toContain('receipt for p1, attempt 3');
  });

  it('goes on to the dead letter with what is delayed', async () => {
    shop.journal.mailFailures = 9;
    await shop.payments.complete('p1');
    const runs = await shop.jobs.drain({ withDelayed: true });
    expect(runs.at(-1)).toMatchObject({ receiver: 'mailer.receipt', attempt: 3, outcome: 'dead' });
    expect(runs.at(-1)?.reason).toBe('failed 3 times: the mail server is away');
    expect(await shop.count('jobs_dead_letter')).toBe(1);
  });

  it('holds delayed events back until their time', async () => {
    await shop.payments.remindIn('p1', '2h');
    expect(await shop.jobs.drain()).toEqual([]);
    shop.jobs.clock.advance('119m');
    expect(await shop.jobs.drain()).toEqual([]);
    shop.jobs.clock.advance('1m');
    expect(await shop.jobs.drain()).toMatchObject([{ receiver: 'mailer.remind' }]);
  });

  it('lets jobs expire and complete by themselves as time goes on', async () => {
    await shop.payments.open('p2', 'o2');
    await shop.todo.request(ShipOrder, { target: 'o1' });
    await shop.todo.request(ShipOrder, { target: 'o2' });
    await shop.jobs.emit(new OrderShipped('o1'));
    await shop.jobs.drain();
    expect(shop.jobs.completed(ShipOrder, { target: 'o1' })).toHaveLength(1);
    shop.jobs.clock.advance('6d');
    expect(await shop.jobs.sweep()).toMatchObject({ expired: 0 });
    shop.jobs.clock.advance('25h');
    expect(await shop.jobs.sweep()).toMatchObject({ expired: 1 });
    expect(shop.jobs.facts('expired', ShipOrder)).toMatchObject([{ targetId: 'o2' }]);
    expect(shop.journal.entries).toContain('to ship o1');
  });

  it('purges events when their retention is over', async () => {
    await shop.payments.complete('p1');
    await shop.jobs.drain();
    expect(await shop.jobs.purge()).toBe(0);
    shop.jobs.clock.advance('31d');
    expect(await shop.jobs.purge()).toBeGreaterThan(0);
    expect(await shop.count('jobs_event')).toBe(0);
  });

  it('knows what was requested and emitted, with what they carry', async () => {
    await shop.payments.complete('p1');
    await shop.jobs.drain();
    expect(shop.jobs.requested(ReviewOrder, { target: 'o1' })).toHaveLength(1);
    expect(shop.jobs.requested(ReviewOrder, { target: 'o2' })).toHaveLength(0);
    expect(shop.jobs.emitted('*').map(({ event }) => event)).toEqual(['payment.completed', 'order.completed']);
    expect(shop.jobs.emitted(PaymentCompleted, { orderId: expect.any(String) as string })).toHaveLength(1);
  });

  it('nothing is known of a transaction that rolled back', async () => {
    await expect(shop.payments.complete('p1', { fail: true })).rejects.toThrow('changed its mind');
    expect(shop.jobs.emitted()).toEqual([]);
    expect(await shop.jobs.drain()).toEqual([]);
  });

  it('leaves paused receivers alone', async () => {
    const { Receivers } = await import('../../lib/index.js');
    const receivers = shop.module.get(Receivers, { strict: false });
    await receivers.pause('mailer.receipt', { actor: 'user:1' });
    await shop.payments.complete('p1');
    expect((await shop.jobs.drain()).map(({ receiver }) => receiver)).toEqual(['orders.complete', 'orders.review']);
    await receivers.resume('mailer.receipt', { actor: 'user:1' });
    expect((await shop.jobs.drain()).map(({ receiver }) => receiver)).toEqual(['mailer.receipt']);
  });
});
