import { Injectable } from '@nestjs/common';

import { OnReliableEvent, type TransactionalContext } from '../../lib/index.js';
import { PaymentCompleted } from '../../sample/payments/payment-completed.event.js';
import { until } from '../support/until.js';
import { SampleApplication } from './support/sample-application.js';

/** Receivers that misbehave, each in its own way. */
@Injectable()
class Troublemakers {
  slowStarted = 0;
  release: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => (this.release = resolve));

  @OnReliableEvent(PaymentCompleted, { id: 'trouble.throws', retry: { attempts: 1 } })
  throws(): void {
    throw new Error('no way');
  }

  @OnReliableEvent(PaymentCompleted, { id: 'trouble.slow', transactional: true })
  async slow(_event: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    await manager.query(`insert into metric (name, value) values ('slow', 1)`);
    this.slowStarted += 1;
    await this.released;
  }

  /** Swallows the error, so that only the database knows that nothing of this transaction can be kept. */
  @OnReliableEvent(PaymentCompleted, {
    id: 'trouble.breaks-its-transaction',
    transactional: true,
    retry: { attempts: 1 },
  })
  async breaks(_event: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    await manager.query(`insert into metric (name, value) values ('broken', 1)`);
    await manager.query('select 1 / 0').catch(() => undefined);
  }
}

describe('R9: receivers that throw, hang or break their transaction', () => {
  let sample: SampleApplication;
  let trouble: Troublemakers;

  beforeAll(async () => {
    sample = await SampleApplication.start({ providers: [Troublemakers] });
    trouble = sample.get(Troublemakers);
  });
  afterAll(async () => {
    trouble.release();
    await sample.close();
  });

  const receiversOf = async (table: string) =>
    (
      await sample.query<{ name: string }>(
        `select r.name from ${table} t join jobs_receiver r on r.id = t.receiver order by r.name`,
      )
    ).map(({ name }) => name);

  it('change nothing for the sender, nor for the other receivers of the event', async () => {
    const { id, payment } = await sample.order(1000);

    // The answer comes while one receiver does not even end.
    expect(await sample.webhook(payment.id, 'succeeded')).toMatchObject({ status: 200, body: { changed: true } });

    await until(async () => (await sample.count('jobs_delivery')) === 1, 'only the slow delivery is left');
    expect(trouble.slowStarted).toBe(1);
    expect(await receiversOf('jobs_delivery')).toEqual(['trouble.slow']);
    expect(await receiversOf('jobs_dead_letter')).toEqual(['trouble.breaks-its-transaction', 'trouble.throws']);
    expect((await sample.find(id)).status).toBe('completed');
    expect((await sample.http('get', '/analytics')).body).toEqual({
      'payments.succeeded': 1,
      'revenue.usd-cents': 1250,
    });

    trouble.release();
    await sample.drained();

    expect(trouble.slowStarted).toBe(1);
    expect(await sample.query(`select name, value from metric where name in ('slow', 'broken')`)).toEqual([
      { name: 'slow', value: '1' },
    ]);
  });
});
