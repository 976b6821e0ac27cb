import { until } from '../support/until.js';
import { RATE } from './support/rates-server.js';
import { SampleApplication } from './support/sample-application.js';

describe('Analytics', () => {
  let sample: SampleApplication;

  beforeAll(async () => {
    sample = await SampleApplication.start();
  });
  afterAll(() => sample.close());
  beforeEach(async () => {
    await sample.query('delete from metric');
    sample.rates.calls = 0;
    sample.rates.status = () => 200;
  });

  const metrics = async () => (await sample.http('get', '/analytics')).body as Record<string, number>;

  it('O8: counts each payment once, and what it comes to', async () => {
    const orders = [await sample.order(1000), await sample.order(2000), await sample.order(4000)];
    await sample.webhook(orders[0]!.payment.id, 'succeeded');
    await sample.webhook(orders[1]!.payment.id, 'succeeded');
    await sample.webhook(orders[2]!.payment.id, 'failed');
    await sample.drained();

    expect(await metrics()).toEqual({
      'payments.failed': 1,
      'payments.succeeded': 2,
      'revenue.usd-cents': 3000 * RATE,
    });
  });

  it('O8: is tried again when the service fails, while the order is completed all the same', async () => {
    const { id, payment } = await sample.order(1000);
    sample.rates.status = () => 500;
    await sample.webhook(payment.id, 'succeeded');

    await until(async () => (await sample.find(id)).status === 'completed', `order ${id} completed`);
    await until(async () => (await sample.count('jobs_delivery', 'attempts > 0')) === 1, 'a failed attempt');
    expect(await metrics()).toEqual({});
    expect(await sample.query('select failures -> 0 ->> $1 as message from jobs_delivery', ['message'])).toEqual([
      { message: 'the exchange-rate service answered 500' },
    ]);

    sample.rates.status = () => 200;
    await sample.drained();

    expect(await metrics()).toEqual({ 'payments.succeeded': 1, 'revenue.usd-cents': 1000 * RATE });
    expect(sample.rates.calls).toBeGreaterThan(1);
  });

  it('O8: holds no transaction open while it asks the service', async () => {
    const { payment } = await sample.order(1000);
    let openTransactions: number | undefined;
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      sample.rates.hold = async () => {
        resolve();
        await new Promise<void>((release) => (answer = release));
      };
    });
    await sample.webhook(payment.id, 'succeeded');
    await asked;
    try {
      await until(async () => (await sample.count('jobs_delivery')) === 1, 'the other receiver is done');
      openTransactions = await sample.count(
        'pg_stat_activity',
        `datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
      );
    } finally {
      sample.rates.hold = async () => undefined;
      answer();
    }
    await sample.drained();

    expect(openTransactions).toBe(0);
    expect(await metrics()).toMatchObject({ 'payments.succeeded': 1 });
  });
});
