import { Injectable } from '@nestjs/common';

import { OnReliableEvent } from '../../../lib/index.js';
import { PaymentCompleted } from '../../../sample/payments/payment-completed.event.js';

/** What counts in place of the sample's analytics. */
@Injectable()
export class CountedPayments {
  readonly payments: string[] = [];
}

/** The next version of the sample's analytics, which says what it was called. */
export class RenamedAnalytics extends CountedPayments {
  // #region alias
  @OnReliableEvent(PaymentCompleted, {
    id: 'analytics.count-payments',
    aliases: ['analytics.on-payment-completed'],
  })
  // #endregion
  countPayment({ paymentId }: PaymentCompleted): void {
    this.payments.push(paymentId);
  }
}

/** The one that does not. */
export class ForgetfulAnalytics extends CountedPayments {
  @OnReliableEvent(PaymentCompleted, { id: 'analytics.count-payments' })
  countPayment({ paymentId }: PaymentCompleted): void {
    this.payments.push(paymentId);
  }
}
