import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { DataSource } from 'typeorm';

import { OrdersService } from '../../orders/orders.service.js';
import { CustomerMessages } from '../customer-messages.js';
import { PLAIN_PAYMENT_COMPLETED, type PlainPaymentCompleted } from './plain-payment-completed.js';

/** Does what the reliable receivers do, in whatever process and transaction the sender happens to be. */
@Injectable()
export class NaiveOrderListener {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: OrdersService,
    private readonly messages: CustomerMessages,
  ) {}

  @OnEvent(PLAIN_PAYMENT_COMPLETED, { suppressErrors: false })
  async onPaymentCompleted({ paymentId, manager }: PlainPaymentCompleted): Promise<void> {
    await (manager === undefined
      ? this.dataSource.transaction((own) => this.orders.settle(paymentId, own))
      : this.orders.settle(paymentId, manager));
    await this.messages.send(paymentId);
  }
}
