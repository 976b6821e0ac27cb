import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';

import { OnReliableEvent, type TransactionalContext } from '../../lib/index.js';
import { PaymentCompleted } from '../payments/payment-completed.event.js';
import { PaymentsService } from '../payments/payments.service.js';
import { orderStatusAfter } from './order-status.js';
import { Order } from './order.entity.js';

@Injectable()
export class OrdersService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly payments: PaymentsService,
  ) {}

  /**
   * Makes an order and the payment it waits for, both or neither.
   *
   * @param amount in minor units.
   * @throws PaymentAmountError unless it is a positive whole number.
   */
  async create(amount: number): Promise<Order> {
    return this.dataSource.transaction(async (manager) => {
      const payment = await this.payments.create(amount, manager);
      return manager.save(manager.create(Order, { paymentId: payment.id, amount, status: 'pending_payment' }));
    });
  }

  @OnReliableEvent(PaymentCompleted, { id: 'order.on-payment-completed', transactional: true })
  async onPaymentCompleted({ paymentId }: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    await this.settle(paymentId, manager);
  }

  /**
   * Completes or cancels the order that waits for a payment. Calling it again changes nothing.
   *
   * @returns the order as it is now; `null` when the payment is not for an order, which is success: payments tell everybody.
   * @throws OrderError while the payment has not ended.
   */
  async settle(paymentId: string, manager: EntityManager): Promise<Order | null> {
    const order = await manager.findOne(Order, { where: { paymentId }, lock: { mode: 'for_no_key_update' } });
    if (order?.status !== 'pending_payment') return order;
    order.status = orderStatusAfter(await this.payments.get(paymentId, manager));
    return manager.save(order);
  }
}
