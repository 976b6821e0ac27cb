import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';

import { JobsModule } from '../../lib/index.js';
import { JobsTesting, JobsTestingModule, jobsMatchers } from '../../lib/testing/index.js';
import { ChasePayment } from '../../sample/chasing/chase-payment.js';
import { CHASE_AFTER } from '../../sample/chasing/chase-after.token.js';
import { ChasingModule } from '../../sample/chasing/chasing.module.js';
import { UnpaidOrders } from '../../sample/chasing/unpaid-orders.js';
import { OrdersModule } from '../../sample/orders/orders.module.js';
import { OrdersQuery } from '../../sample/orders/orders.query.js';
import { OrdersService } from '../../sample/orders/orders.service.js';
import { PaymentCompleted } from '../../sample/payments/payment-completed.event.js';
import { PaymentsModule } from '../../sample/payments/payments.module.js';
import { PaymentsService } from '../../sample/payments/payments.service.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

expect.extend(jobsMatchers);

describe.each(['inline', 'manual'] as const)('T6: payments and orders, tested without a worker, mode %s', (mode) => {
  let database: TestDatabase;
  let app: TestingModule;
  let jobs: JobsTesting;
  let payments: PaymentsService;
  let orders: OrdersService;

  beforeAll(async () => {
    database = await TestDatabase.create();
    app = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot(typeormOptions(database)),
        JobsModule.forRoot(),
        PaymentsModule,
        OrdersModule,
        ChasingModule,
        JobsTestingModule.forRoot({ mode }),
      ],
    })
      // Every order is old enough.
      .overrideProvider(CHASE_AFTER)
      .useValue(-60_000)
      .compile();
    await app.init();
    jobs = app.get(JobsTesting);
    payments = app.get(PaymentsService);
    orders = app.get(OrdersService);
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(() => jobs.startTransaction());
  afterEach(() => jobs.rollbackTransaction());

  const receiversHaveRun = async (): Promise<unknown> => (mode === 'inline' ? jobs.settled() : jobs.drain());
  const statusOf = async (orderId: string): Promise<string | undefined> =>
    (await app.get(OrdersQuery).find(orderId))?.status;

  it.each([
    ['succeeded', 'completed'],
    ['failed', 'cancelled'],
  ] as const)('a payment that %s makes its order %s', async (outcome, status) => {
    const { id, paymentId } = await orders.create(100);
    await payments.setStatus(paymentId, outcome);
    await receiversHaveRun();
    expect(jobs).toHaveEmitted(PaymentCompleted, { paymentId }, { times: 1 });
    expect(jobs).toHaveDelivered(PaymentCompleted, { paymentId }, { to: 'order.on-payment-completed' });
    expect(await statusOf(id)).toBe(status);
  });

  it('a payment that could not be ended says nothing', async () => {
    const { id, paymentId } = await orders.create(100);
    await payments.setStatus(paymentId, 'succeeded');
    await receiversHaveRun();
    jobs.clear();
    await expect(payments.setStatus(paymentId, 'failed')).rejects.toThrow('already');
    await receiversHaveRun();
    expect(jobs).not.toHaveEmitted(PaymentCompleted);
    expect(await statusOf(id)).toBe('completed');
  });

  it('support chases an order until it is paid, or for two weeks', async () => {
    const [paid, unpaid] = [await orders.create(100), await orders.create(200)];
    expect(await app.get(UnpaidOrders).chase()).toBe(2);
    expect(jobs).toHaveRequested(ChasePayment, { target: paid.paymentId });

    await payments.setStatus(paid.paymentId, 'succeeded');
    await receiversHaveRun();
    expect(jobs).toHaveCompleted(ChasePayment, { target: paid.paymentId });
    expect(jobs).not.toHaveCompleted(ChasePayment, { target: unpaid.paymentId });

    jobs.clock.advance('14d');
    await jobs.sweep();
    expect(jobs.facts('expired', ChasePayment)).toMatchObject([{ targetId: unpaid.paymentId }]);
    jobs.clock.reset();
  });
});
