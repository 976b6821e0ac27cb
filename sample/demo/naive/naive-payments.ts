import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { DataSource, EntityManager } from 'typeorm';

import type { PaymentOutcome } from '../../payments/payment-status.js';
import { Payment } from '../../payments/payment.entity.js';
import { PLAIN_PAYMENT_COMPLETED, type PlainPaymentCompleted } from './plain-payment-completed.js';

/** How payments would tell their listeners without a reliable event. Both ways are wrong; the demo shows where. */
@Injectable()
export class NaivePayments {
  constructor(
    private readonly dataSource: DataSource,
    private readonly emitter: EventEmitter2,
  ) {}

  async setStatusSendingInside(paymentId: string, outcome: PaymentOutcome): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await end(paymentId, outcome, manager);
      await this.send({ paymentId, manager });
    });
  }

  async setStatusSendingAfter(paymentId: string, outcome: PaymentOutcome): Promise<void> {
    await this.dataSource.transaction((manager) => end(paymentId, outcome, manager));
    await this.send({ paymentId });
  }

  private async send(event: PlainPaymentCompleted): Promise<void> {
    await this.emitter.emitAsync(PLAIN_PAYMENT_COMPLETED, event);
  }
}

async function end(id: string, outcome: PaymentOutcome, manager: EntityManager): Promise<void> {
  const payment = await manager.findOneOrFail(Payment, { where: { id }, lock: { mode: 'for_no_key_update' } });
  payment.end(outcome);
  await manager.save(payment);
}
