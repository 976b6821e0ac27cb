import { resolve } from 'node:path';

import ts from 'typescript';

import { OrderError } from '../../sample/orders/errors/order.error.js';
import { OrdersService } from '../../sample/orders/orders.service.js';
import { PaymentCompleted } from '../../sample/payments/payment-completed.event.js';
import { ReliableEvents } from '../../lib/index.js';
import { until } from '../support/until.js';
import { SampleApplication } from './support/sample-application.js';

describe('Orders', () => {
  let sample: SampleApplication;
  let orders: OrdersService;

  beforeAll(async () => {
    sample = await SampleApplication.start();
    orders = sample.get(OrdersService);
  });
  afterAll(() => sample.close());

  const settle = (paymentId: string) => sample.dataSource.transaction((manager) => orders.settle(paymentId, manager));

  /** Changes with every write of the row, also with one that leaves every column as it was. */
  const revisionOf = async (orderId: string) =>
    sample.query(`select xmin::text, ctid::text from orders where id = $1`, [orderId]);

  it('O1: a payment that belongs to an order cannot be deleted', async () => {
    const { id, payment } = await sample.order();

    await expect(sample.query('delete from payment where id = $1', [payment.id])).rejects.toThrow(
      /foreign key constraint/,
    );
    expect((await sample.find(id)).payment).toEqual({ id: payment.id, status: 'initiated' });
  });

  it('O2: an order is created together with a payment of the same amount', async () => {
    const order = await sample.order(1234);

    expect(order).toEqual({
      id: order.id,
      amount: 1234,
      status: 'pending_payment',
      payment: { id: order.payment.id, status: 'initiated' },
      paymentUrl: `/provider/checkout/${order.payment.id}?returnTo=%2F%3Forder%3D${order.id}`,
    });
    expect(await sample.payments.get(order.payment.id)).toMatchObject({ amount: 1234, status: 'initiated' });
  });

  it('O2: when the order cannot be inserted there is no payment', async () => {
    const before = await sample.count('payment');
    await sample.query('alter table orders add constraint no_thirteen check (amount <> 13)');
    try {
      await expect(orders.create(13)).rejects.toThrow('no_thirteen');
    } finally {
      await sample.query('alter table orders drop constraint no_thirteen');
    }
    expect(await sample.count('payment')).toBe(before);
  });

  it.each([{ amount: 0 }, { amount: -1 }, { amount: 0.5 }, { amount: '100' }, {}])(
    'O2: an order of %j is refused, and neither row is there',
    async (body) => {
      const before = [await sample.count('payment'), await sample.count('orders')];

      expect((await sample.http('post', '/orders', body)).status).toBe(400);
      expect([await sample.count('payment'), await sample.count('orders')]).toEqual(before);
    },
  );

  it.each([
    ['succeeded', 'completed'],
    ['failed', 'cancelled'],
  ])('O3: a payment that %s makes its order %s', async (outcome, status) => {
    const { id, payment } = await sample.order();

    expect((await sample.webhook(payment.id, outcome)).body).toEqual({ changed: true });

    await until(async () => (await sample.find(id)).status === status, `order ${id} ${status}`);
    await sample.drained();
    expect(await sample.count('jobs_dead_letter')).toBe(0);
  });

  it('O3: orders are shown newest first', async () => {
    const first = await sample.order();
    const second = await sample.order();

    const { body } = await sample.http('get', '/orders');

    expect((body as unknown[]).slice(0, 2)).toEqual([second, first]);
    expect((await sample.http('get', '/orders/999999')).status).toBe(404);
    expect((await sample.http('get', '/orders/first')).status).toBe(400);
  });

  it('O4: an event that arrives twice changes the order once', async () => {
    const { id, payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');
    await sample.drained();
    const once = await revisionOf(id);

    await sample.get(ReliableEvents).emit(new PaymentCompleted(payment.id));
    await sample.drained();

    expect(await revisionOf(id)).toEqual(once);
    expect(await settle(payment.id)).toMatchObject({ id, status: 'completed' });
    expect(await revisionOf(id)).toEqual(once);
    expect(await sample.count('jobs_dead_letter')).toBe(0);
  });

  it('O4: an order that waits no more is returned as it is, whatever its payment says', async () => {
    const { id, payment } = await sample.order();
    await sample.query(`update orders set status = 'cancelled' where id = $1`, [id]);

    expect(await settle(payment.id)).toMatchObject({ id, status: 'cancelled' });
    await sample.webhook(payment.id, 'succeeded');
    await sample.drained();

    expect((await sample.find(id)).status).toBe('cancelled');
    await sample.query('delete from orders where id = $1', [id]);
  });

  it('O5: a payment of somebody else is success, and nothing happens', async () => {
    const foreign = await sample.payments.create(500);
    const before = await sample.query('select id, status, xmin::text from orders order by id');

    await sample.payments.setStatus(foreign.id, 'succeeded');
    await sample.drained();

    expect(await sample.query('select id, status, xmin::text from orders order by id')).toEqual(before);
    expect(await sample.count('jobs_dead_letter')).toBe(0);
    expect(await settle(foreign.id)).toBeNull();
  });

  it('O6: a payment that has not ended is refused loudly, and the order stays', async () => {
    const { id, payment } = await sample.order();

    await expect(settle(payment.id)).rejects.toThrow(OrderError);
    await expect(settle(payment.id)).rejects.toThrow(`payment ${payment.id} has not ended`);
    expect((await sample.find(id)).status).toBe('pending_payment');
  });

  it('O6: a status that orders do not know breaks the compilation', () => {
    expect(errorsIn('orders/order-status.ts', (text) => text)).toEqual([]);
    expect(errorsIn('orders/order-status.ts', (text) => text.replace("'failed'", "'failed', 'refunded'"))).toEqual([
      expect.stringContaining(`"refunded"' does not satisfy the expected type 'never'`),
    ]);
  });

  it('O7: orders that contradict their payment are reported', async () => {
    expect((await sample.http('get', '/orders/inconsistent')).body).toEqual([]);
    const paid = await sample.order(100);
    const unpaid = await sample.order(200);
    const cheap = await sample.order(300);
    for (const { payment } of [paid, cheap]) await sample.webhook(payment.id, 'succeeded');
    await sample.webhook(unpaid.payment.id, 'failed');
    await sample.drained();

    await sample.query(`update orders set status = 'cancelled' where id = $1`, [paid.id]);
    await sample.query(`update orders set status = 'completed' where id = $1`, [unpaid.id]);
    await sample.query('update orders set amount = 1 where id = $1', [cheap.id]);

    const common = (order: { id: string; payment: { id: string } }) => ({
      orderId: order.id,
      paymentId: order.payment.id,
    });
    expect((await sample.http('get', '/orders/inconsistent')).body).toEqual([
      { ...common(paid), orderStatus: 'cancelled', orderAmount: 100, paymentStatus: 'succeeded', paymentAmount: 100 },
      { ...common(unpaid), orderStatus: 'completed', orderAmount: 200, paymentStatus: 'failed', paymentAmount: 200 },
      { ...common(cheap), orderStatus: 'completed', orderAmount: 1, paymentStatus: 'succeeded', paymentAmount: 300 },
    ]);
  });
});

const sampleFolder = resolve(__dirname, '../../sample');
const parsed = new Map<string, ts.SourceFile | undefined>();

/** What the compiler says of a file of the sample when the list of outcomes of a payment is changed. */
function errorsIn(file: string, change: (outcomes: string) => string): string[] {
  const root = resolve(sampleFolder, '..');
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const options = { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, types: ['node'] };
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (path, version) => {
    if (resolve(path) === resolve(sampleFolder, 'payments/payment-status.ts')) {
      return ts.createSourceFile(path, change(host.readFile(path) ?? ''), version);
    }
    if (!parsed.has(path)) parsed.set(path, parse(path, version));
    return parsed.get(path);
  };
  const program = ts.createProgram([resolve(sampleFolder, file)], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(resolve(sampleFolder, file)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
