import { Injectable } from '@nestjs/common';
import { type DeliveryContext, OnReliableEvent, ReliableEvent, type TransactionalContext } from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('payment.completed')
class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

const seen: { receiver: string; event: unknown; attempt: number }[] = [];

@Injectable()
class Receivers {
  @OnReliableEvent(PaymentCompleted, { id: 'order.on-payment-completed', transactional: true })
  async complete(event: PaymentCompleted, context: TransactionalContext): Promise<void> {
    await context.manager.query('insert into effect (delivery) values ($1)', [context.deliveryId]);
    seen.push({ receiver: context.receiverId, event, attempt: context.attempt });
  }

  @OnReliableEvent(PaymentCompleted, { id: 'analytics.on-payment-completed' })
  async count(event: PaymentCompleted, context: DeliveryContext): Promise<void> {
    seen.push({ receiver: context.receiverId, event, attempt: context.attempt });
    await context.transaction((manager) =>
      manager.query('insert into effect (delivery) values ($1)', [context.deliveryId]),
    );
  }

  @OnReliableEvent('payment.*', { id: 'audit' })
  audit(event: unknown, context: DeliveryContext): void {
    seen.push({ receiver: context.receiverId, event, attempt: context.attempt });
  }
}

describe('Reliable events, end to end', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers] });
    await application.dataSource.query('create table effect (delivery text not null)');
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    seen.length = 0;
    await application.dataSource.query('truncate effect');
  });

  it('delivers an event of a committed transaction once to each receiver', async () => {
    const emitted = await application.dataSource.transaction((manager) =>
      application.events.emit(new PaymentCompleted('p1'), { manager }),
    );
    await application.drained();

    expect(emitted).toEqual({ id: expect.stringMatching(/^\d+$/), created: true });
    expect(seen.map(({ receiver }) => receiver).sort()).toEqual([
      'analytics.on-payment-completed',
      'audit',
      'order.on-payment-completed',
    ]);
    expect(seen.find(({ receiver }) => receiver === 'order.on-payment-completed')?.event).toBeInstanceOf(
      PaymentCompleted,
    );
    expect(seen.find(({ receiver }) => receiver === 'audit')?.event).toEqual({ paymentId: 'p1' });
    expect(await application.count('effect')).toBe(2);
  });

  it('delivers nothing of a transaction that rolled back', async () => {
    await expect(
      application.dataSource.transaction(async (manager) => {
        await application.events.emit(new PaymentCompleted('p2'), { manager });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');

    expect(await application.count('jobs_event')).toBe(1);
    expect(await application.count('jobs_delivery')).toBe(0);
  });

  it('delivers thousands, each once', async () => {
    const total = 1000;
    for (let index = 0; index < total; index += 250) {
      await application.events.emitMany(Array.from({ length: 250 }, (_, at) => new PaymentCompleted(`m${index + at}`)));
    }
    await application.drained();
    expect(seen).toHaveLength(total * 3);
    expect(await application.count('effect')).toBe(total * 2);
  });
});
