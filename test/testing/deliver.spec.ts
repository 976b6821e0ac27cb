import { emission } from '../../lib/index.js';
import { jobsMatchers } from '../../lib/testing/index.js';
import { Order, OrderCompleted, PaymentCompleted, PaymentReminded, ReviewOrder } from './support/shop.js';
import { ShopUnderTest } from './support/shop-under-test.js';

expect.extend(jobsMatchers);

describe('one receiver, one scenario', () => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start('manual');
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await shop.reset();
    await shop.payments.open('p1', 'o1');
    await shop.dataSource.query(`update payment set status = 'succeeded'`);
  });

  it('runs a receiver alone with the context it is given', async () => {
    const run = await shop.jobs.deliver('mailer.receipt', new PaymentCompleted('p1', 'o1'), {
      attempt: 3,
      headers: { lang: ' in German' },
    });
    expect(run).toMatchObject({ receiver: 'mailer.receipt', attempt: 3, outcome: 'succeeded' });
    expect(shop.journal.entries).toEqual(['receipt for p1, attempt 3 in German']);
    expect(await shop.count('jobs_event')).toBe(0);
  });

  it('decides what a failure leads to as a worker does', async () => {
    shop.journal.mailFailures = 2;
    const event = new PaymentCompleted('p1', 'o1');
    expect(await shop.jobs.deliver('mailer.receipt', event)).toMatchObject({ outcome: 'retried', retryIn: 600_000 });
    expect(await shop.jobs.deliver('mailer.receipt', event, { attempt: 3 })).toMatchObject({
      outcome: 'dead',
      error: new Error('the mail server is away'),
    });
  });

  it('commits what a transactional receiver wrote, or leaves nothing of it', async () => {
    const event = new PaymentCompleted('p1', 'o1');
    const rolledBack = await shop.jobs.deliver('orders.complete', event, { transaction: 'rollback' });
    expect(rolledBack).toMatchObject({ outcome: 'succeeded' });
    expect(await shop.orders.statusOf('o1')).toBe('placed');
    expect(shop.jobs).toHaveEmitted(OrderCompleted, { orderId: 'o1' });
    expect(await shop.count('jobs_event')).toBe(0);
    expect(await shop.jobs.deliver('orders.complete', event)).toMatchObject({ outcome: 'succeeded' });
    expect(await shop.orders.statusOf('o1')).toBe('completed');
  });

  it('ends a run by its signal', async () => {
    const run = await shop.jobs.deliver('mailer.receipt', new PaymentCompleted('p1', 'o1'), {
      signal: AbortSignal.abort(new Error('enough')),
    });
    expect(run).toMatchObject({ outcome: 'retried', error: new Error('enough') });
    expect(shop.journal.entries).toEqual([]);
  });

  it('refuses receivers and options that do not exist', async () => {
    await expect(shop.jobs.deliver('mailer.receit', new PaymentCompleted('p1', 'o1'))).rejects.toThrow(
      'There is no receiver "mailer.receit"; did you mean "mailer.receipt"',
    );
    await expect(shop.jobs.deliver('mailer.receipt', new PaymentCompleted('p1', 'o1'), { attempt: 0 })).rejects.toThrow(
      'deliver: option attempt must be an integer of at least 1',
    );
  });

  it('describes a scenario: when this is done, that comes about', async () => {
    const order = await shop.jobs
      .scenario(() => shop.payments.complete('p1'))
      .until(() => shop.dataSource.manager.findOneBy(Order, { id: 'o1', status: 'completed' }));
    expect(order.id).toBe('o1');
    expect(shop.jobs).not.toHaveRequested(ReviewOrder);
  });

  it('describes a scenario by the event that it leads to, and by assertions', async () => {
    const event = await shop.jobs
      .scenario(new PaymentCompleted('p1', 'o1'))
      .untilEmitted(OrderCompleted, { orderId: 'o1' });
    expect(event.orderId).toBe('o1');
    await shop.jobs
      .scenario(emission(new PaymentReminded('p1'), { delay: '1d' }))
      .withDelayed()
      .until(() => {
        expect(shop.journal.entries).toContain('reminder of p1');
        return true;
      });
    const left = await shop.jobs.scenario(() => undefined).toItsEnd();
    expect(left.map(({ outcome }) => outcome)).toEqual([]);
  });

  it('says what ran when a scenario waits in vain', async () => {
    await expect(
      shop.jobs.scenario(() => shop.payments.complete('p1')).until(() => shop.orders.statusOf('o2')),
    ).rejects.toThrow(/waited in vain.*These ran:\n {2}orders.complete on payment.completed: succeeded/s);
    await expect(shop.jobs.scenario(() => undefined).untilEmitted(OrderCompleted, { orderId: 'o9' })).rejects.toThrow(
      /No delivery was ready.*order.completed with { orderId: 'o9' } was not emitted/s,
    );
  });
});
