import { emission } from '../../lib/index.js';
import { jobsMatchers } from '../../lib/testing/index.js';
import { OrderCompleted, PaymentCompleted, ReviewOrder, ShipOrder } from './support/shop.js';
import { ShopUnderTest } from './support/shop-under-test.js';

expect.extend(jobsMatchers);

describe('mode recording, and the matchers', () => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start('recording');
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await shop.reset();
    await shop.payments.open('p1', 'o1');
  });

  it('T2: keeps what was emitted, runs nothing, and forgets it', async () => {
    await shop.payments.complete('p1');
    expect(shop.jobs.emitted()).toHaveLength(1);
    expect(await shop.count('jobs_delivery', 'worker is null and ready_xid is not null')).toBe(2);
    shop.jobs.clear();
    expect(shop.jobs.emitted()).toHaveLength(0);
    expect(await shop.count('jobs_delivery', 'worker is null and ready_xid is not null')).toBe(2);
  });

  it('T5: refuses to run receivers, naming the mode that does', async () => {
    await expect(shop.jobs.drain()).rejects.toThrow(
      "mode 'recording' does not; use JobsTestingModule.forRoot({ mode: 'manual' })",
    );
    await expect(shop.jobs.runNext()).rejects.toThrow('jobs.runNext()');
  });

  it('knows what was emitted, by class, payload, options and count', async () => {
    await shop.payments.complete('p1');
    expect(shop.jobs).toHaveEmitted(PaymentCompleted);
    expect(shop.jobs).toHaveEmitted(PaymentCompleted, { paymentId: 'p1' }, { times: 1, receivers: 2 });
    expect(shop.jobs).toHaveEmitted('payment.*');
    expect(shop.jobs).not.toHaveEmitted(OrderCompleted);
    expect(shop.jobs).not.toHaveEmitted(PaymentCompleted, { paymentId: 'p2' });
    await shop.jobs.emit(emission(new OrderCompleted('o1'), { delay: '1h', key: 'o1', headers: { lang: 'de' } }));
    expect(shop.jobs).toHaveEmitted(OrderCompleted, undefined, {
      delay: 3_600_000,
      key: 'o1',
      headers: { lang: 'de' },
    });
    expect(shop.jobs).toHaveEmittedInOrder([PaymentCompleted, OrderCompleted]);
    expect(shop.jobs).not.toHaveEmittedInOrder([OrderCompleted, PaymentCompleted]);
  });

  it('says how what was emitted differs', async () => {
    await shop.payments.complete('p1');
    expect(() => expect(shop.jobs).toHaveEmitted(PaymentCompleted, { paymentId: 'p2' })).toThrow(
      "Expected payment.completed to have been emitted with { paymentId: 'p2' }, but it was not; of that name there is:\n" +
        "  payment.completed PaymentCompleted { paymentId: 'p1', orderId: 'o1' }\n    paymentId: expected 'p2', is 'p1'",
    );
    expect(() => expect(shop.jobs).toHaveEmitted(OrderCompleted)).toThrow(
      'Expected order.completed to have been emitted, but it was not. Beside it: payment.completed.',
    );
    expect(() => expect(shop.jobs).toHaveEmitted(PaymentCompleted, {}, { times: 2 })).toThrow('twice, but it was once');
    expect(() => expect(shop.jobs).not.toHaveEmitted(PaymentCompleted)).toThrow('not at all, but it was:');
    expect(() => expect({}).toHaveEmitted(PaymentCompleted)).toThrow('takes what app.get(JobsTesting) answers');
  });

  it('knows what was requested and completed, by type, target and count', async () => {
    await shop.todo.request(ShipOrder, { target: 'o1', assignee: 'user:7' });
    await shop.todo.request(ShipOrder, { target: 'o1' });
    expect(shop.jobs).toHaveRequested(ShipOrder, { target: 'o1', assignee: 'user:7' }, { times: 1 });
    expect(shop.jobs).not.toHaveRequested(ReviewOrder);
    expect(shop.jobs).not.toHaveCompleted(ShipOrder);
    await shop.todo.complete(ShipOrder, { target: 'o1' });
    expect(shop.jobs).toHaveCompleted(ShipOrder, { target: { type: 'Order', id: 'o1' } });
    expect(() => expect(shop.jobs).toHaveRequested(ShipOrder, { target: 'o2' })).toThrow(
      "targetId: expected 'o2', is 'o1'",
    );
  });

  it('asks for types and events that exist', () => {
    expect(() => expect(shop.jobs).toHaveEmitted(ShopUnderTest as never)).toThrow('ShopUnderTest is no reliable event');
    expect(() => expect(shop.jobs).toHaveRequested(PaymentCompleted)).toThrow('PaymentCompleted is no type of job');
  });
});
