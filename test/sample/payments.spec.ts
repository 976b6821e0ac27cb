import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { QueryRunner } from 'typeorm';

import { JobsModule } from '../../lib/index.js';
import { PaymentAmountError } from '../../sample/payments/errors/payment-amount.error.js';
import { PaymentStateError } from '../../sample/payments/errors/payment-state.error.js';
import { PaymentError } from '../../sample/payments/errors/payment.error.js';
import { Payment } from '../../sample/payments/payment.entity.js';
import { PaymentsModule } from '../../sample/payments/payments.module.js';
import { PaymentsService } from '../../sample/payments/payments.service.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { SampleApplication } from './support/sample-application.js';

describe('Payments', () => {
  let sample: SampleApplication;
  let payments: PaymentsService;

  beforeAll(async () => {
    // Nothing works on deliveries here, so what was emitted can be looked at.
    sample = await SampleApplication.start({ worker: false });
    payments = sample.payments;
  });
  afterAll(() => sample.close());

  const statusOf = async (id: string) => (await payments.get(id)).status;
  const eventsOf = (id: string) => sample.count('jobs_event', `payload ->> 'paymentId' = '${id}'`);

  it('N1: amounts are bigint in the database and numbers in the program', async () => {
    const { id } = await payments.create(Number.MAX_SAFE_INTEGER);

    expect((await payments.get(id)).amount).toBe(9_007_199_254_740_991);
    expect(
      await sample.query(
        `select column_name, data_type, character_maximum_length as length from information_schema.columns
         where table_name = 'payment' order by ordinal_position`,
      ),
    ).toEqual([
      { column_name: 'id', data_type: 'bigint', length: null },
      { column_name: 'amount', data_type: 'bigint', length: null },
      { column_name: 'status', data_type: 'character varying', length: 20 },
    ]);
    expect(await sample.query(`select pg_get_serial_sequence('payment', 'id') as sequence`)).toEqual([
      { sequence: 'public.payment_id_seq' },
    ]);
  });

  it('N1: an amount that a number cannot hold is refused instead of changed', async () => {
    const [row] = await sample.query<{ id: string }>(
      `insert into payment (amount, status) values (9007199254740993, 'initiated') returning id::text`,
    );
    await expect(payments.get(row!.id)).rejects.toThrow(RangeError);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1, '100' as unknown as number])(
    'N2: create(%p) is refused',
    async (amount) => {
      const before = await sample.count('payment');
      await expect(payments.create(amount)).rejects.toThrow(PaymentAmountError);
      expect(await sample.count('payment')).toBe(before);
    },
  );

  it('N2: a created payment is initiated, and the database refuses amounts that are not positive, too', async () => {
    expect(await payments.create(1)).toMatchObject({ amount: 1, status: 'initiated' });
    await expect(sample.query(`insert into payment (amount, status) values (0, 'initiated')`)).rejects.toThrow(
      'payment_amount_positive',
    );
  });

  it.each(['succeeded', 'failed'] as const)('N3: an initiated payment becomes %s, once', async (outcome) => {
    const { id } = await payments.create(100);

    expect(await payments.setStatus(id, outcome)).toMatchObject({ id, status: outcome });
    await expect(payments.setStatus(id, 'succeeded')).rejects.toThrow(PaymentStateError);
    await expect(payments.setStatus(id, 'failed')).rejects.toThrow(
      `payment ${id} is "${outcome}" already and cannot become "failed"`,
    );
    expect(await statusOf(id)).toBe(outcome);
    expect(await eventsOf(id)).toBe(1);
  });

  it('N4: of two who end a payment at once, one does', async () => {
    const { id } = await payments.create(100);

    const results = await Promise.allSettled([payments.setStatus(id, 'succeeded'), payments.setStatus(id, 'failed')]);

    const [ended] = results.filter((result) => result.status === 'fulfilled');
    const [refused] = results.filter((result) => result.status === 'rejected');
    expect(ended?.value).toEqual(await payments.get(id));
    expect(refused?.reason).toBeInstanceOf(PaymentStateError);
    expect(await eventsOf(id)).toBe(1);
  });

  it('N4: whoever inserts a row that refers to the payment and whoever ends it do not wait for each other', async () => {
    const { id } = await payments.create(100);
    const other: QueryRunner = sample.dataSource.createQueryRunner();
    try {
      await other.startTransaction();
      await other.query(`insert into orders (payment_id, amount, status) values ($1, 100, 'pending_payment')`, [id]);

      // While the insert is not committed. With a lock of full strength this would wait for it.
      expect(await payments.setStatus(id, 'succeeded')).toMatchObject({ status: 'succeeded' });
    } finally {
      await other.rollbackTransaction();
      await other.release();
    }
  });

  it('N4: the row is locked before its status is read', async () => {
    const { id } = await payments.create(100);
    const statements: string[] = [];
    const before = sample.dataSource.logger;
    const logger: unknown = Object.create(before, { logQuery: { value: (query: string) => statements.push(query) } });
    Object.assign(sample.dataSource, { logger });
    try {
      await payments.setStatus(id, 'succeeded');
    } finally {
      Object.assign(sample.dataSource, { logger: before });
    }
    const reads = statements.filter((statement) => statement.startsWith('SELECT'));
    expect(reads[0]).toMatch(/FROM "payment" .* FOR NO KEY UPDATE/);
  });

  it('N5: a StateError is a PaymentError', () => {
    const error = new PaymentStateError('1', 'succeeded', 'failed');
    expect(error).toBeInstanceOf(PaymentError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('PaymentStateError');
  });

  it('N6: a notice that the provider sends twice is answered 200 twice and is one event', async () => {
    const { payment, paymentUrl } = await sample.order();
    const page = await sample.http('get', paymentUrl);
    expect(page.text).toContain(`Payment ${payment.id}: 100.00 EUR, initiated`);

    const paid = await sample.http('post', paymentUrl, { status: 'succeeded', times: 2 });

    expect(paid.status).toBe(303);
    expect(paid.headers['location']).toMatch(/^\/\?order=\d+$/);
    expect(await statusOf(payment.id)).toBe('succeeded');
    expect(await eventsOf(payment.id)).toBe(1);
  });

  it('N6: the webhook says which of two notices changed something', async () => {
    const { id } = await payments.create(100);

    const { body } = await sample.http('post', `/provider/payments/${id}`, { status: 'failed', times: 2 });

    expect(body).toHaveLength(2);
    expect(body).toEqual(
      expect.arrayContaining([
        { status: 200, body: { changed: true } },
        { status: 200, body: { changed: false } },
      ]),
    );
  });

  it('N6: a notice that contradicts an earlier one is refused and changes nothing', async () => {
    const { id } = await payments.create(100);
    await sample.webhook(id, 'succeeded');

    expect((await sample.webhook(id, 'failed')).status).toBe(409);
    expect(await statusOf(id)).toBe('succeeded');
    expect(await eventsOf(id)).toBe(1);
  });

  it.each([
    ['an unknown payment', { paymentId: '999999', status: 'failed' }, 404],
    ['an id that is none', { paymentId: '1; drop table payment', status: 'failed' }, 400],
    ['an id beyond bigint', { paymentId: '99999999999999999999', status: 'failed' }, 400],
    ['an unknown status', { paymentId: '1', status: 'refunded' }, 400],
    ['nothing', {}, 400],
  ])('N6: a notice about %s is refused', async (_what, notice, status) => {
    expect((await sample.http('post', '/payments/webhook', notice)).status).toBe(status);
  });

  it('N6: the provider sends customers back to this site only', async () => {
    const { id } = await payments.create(100);
    for (const elsewhere of ['//elsewhere.example', '/\\elsewhere.example', 'https://elsewhere.example']) {
      const path = `/provider/checkout/${id}?${new URLSearchParams({ returnTo: elsewhere }).toString()}`;
      expect((await sample.http('post', path, { status: 'succeeded' })).status).toBe(400);
    }
    expect(await statusOf(id)).toBe('initiated');
  });

  it('N7: the event is a fact and carries the id alone', async () => {
    const { id } = await payments.create(100);
    await payments.setStatus(id, 'succeeded');

    expect(await sample.query(`select name, payload from jobs_event where payload ->> 'paymentId' = $1`, [id])).toEqual(
      [{ name: 'payment.completed', payload: { paymentId: id } }],
    );
  });
});

describe('PaymentsModule', () => {
  it('P1: boots and works alone', async () => {
    const database = await TestDatabase.create();
    const module = await Test.createTestingModule({
      imports: [TypeOrmModule.forRoot(typeormOptions(database)), JobsModule.forRoot({ worker: false }), PaymentsModule],
    }).compile();
    module.useLogger(false);
    try {
      await module.init();
      const payments = module.get(PaymentsService);
      const { id } = await payments.create(100);
      expect(await payments.setStatus(id, 'succeeded')).toBeInstanceOf(Payment);
    } finally {
      await module.close();
      await database.drop();
    }
  });
});
