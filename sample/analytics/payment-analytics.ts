import { Injectable } from '@nestjs/common';

import { type DeliveryContext, OnReliableEvent } from '../../lib/index.js';
import { PaymentCompleted } from '../payments/payment-completed.event.js';
import { PaymentsService } from '../payments/payments.service.js';
import { MetricsService } from './metrics.service.js';
import { RatesClient } from './rates.client.js';

/** Counts payments, and what they come to in dollars. */
@Injectable()
export class PaymentAnalytics {
  constructor(
    private readonly payments: PaymentsService,
    private readonly rates: RatesClient,
    private readonly metrics: MetricsService,
  ) {}

  @OnReliableEvent(PaymentCompleted, { id: 'analytics.on-payment-completed' })
  async count({ paymentId }: PaymentCompleted, context: DeliveryContext): Promise<void> {
    const { amount, status } = await this.payments.get(paymentId);
    // The outside world first, while no transaction is open; when it fails, the delivery is tried again later.
    const rate = await this.rates.eurToUsd(context.signal);
    const earned: Record<string, number> =
      status === 'succeeded' ? { 'revenue.usd-cents': Math.round(amount * rate) } : {};
    await context.transaction((manager) => this.metrics.add({ [`payments.${status}`]: 1, ...earned }, manager));
  }
}
