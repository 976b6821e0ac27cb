import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';

import { ReliableEvents } from '../../lib/index.js';
import { PaymentAmountError } from './errors/payment-amount.error.js';
import { PaymentNotFoundError } from './errors/payment-not-found.error.js';
import { PaymentCompleted } from './payment-completed.event.js';
import type { PaymentOutcome } from './payment-status.js';
import { Payment } from './payment.entity.js';

/** Payments, for whatever needs one. Who that is they do not know. */
@Injectable()
export class PaymentsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
  ) {}

  /**
   * @param amount in minor units.
   * @throws PaymentAmountError unless it is a positive whole number.
   */
  async create(amount: number, manager: EntityManager = this.dataSource.manager): Promise<Payment> {
    if (!Number.isSafeInteger(amount) || amount <= 0) throw new PaymentAmountError(amount);
    return manager.save(manager.create(Payment, { amount, status: 'initiated' }));
  }

  /** @throws PaymentNotFoundError */
  async get(id: string, manager: EntityManager = this.dataSource.manager): Promise<Payment> {
    const payment = await manager.findOneBy(Payment, { id });
    if (payment === null) throw new PaymentNotFoundError(id);
    return payment;
  }

  /**
   * Ends a payment, once, and says so in the same transaction: either both happened or neither.
   *
   * @throws PaymentNotFoundError
   * @throws PaymentStateError when it has ended already.
   */
  async setStatus(id: string, outcome: PaymentOutcome): Promise<Payment> {
    return this.dataSource.transaction(async (manager) => {
      const payment = await this.lock(id, manager);
      payment.end(outcome);
      await manager.save(payment);
      await this.events.emit(new PaymentCompleted(payment.id), { manager });
      return payment;
    });
  }

  /** The weakest lock that keeps others from changing the row: rows that refer to it can still be inserted. */
  private async lock(id: string, manager: EntityManager): Promise<Payment> {
    const payment = await manager.findOne(Payment, { where: { id }, lock: { mode: 'for_no_key_update' } });
    if (payment === null) throw new PaymentNotFoundError(id);
    return payment;
  }
}
