import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { OnReliableEvent } from '../../lib/index.js';
import { PaymentCompleted } from '../payments/payment-completed.event.js';
import { CustomerMessage } from './customer-message.entity.js';

/** Tells customers how their payment ended. It stands for the outside world, which no rollback reaches: it never joins a transaction. */
@Injectable()
export class CustomerMessages {
  constructor(private readonly dataSource: DataSource) {}

  async send(paymentId: string): Promise<void> {
    await this.dataSource.manager.insert(CustomerMessage, { paymentId });
  }

  @OnReliableEvent(PaymentCompleted, { id: 'demo.tell-customer' })
  async onPaymentCompleted({ paymentId }: PaymentCompleted): Promise<void> {
    await this.send(paymentId);
  }
}
