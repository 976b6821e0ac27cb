import { JobType } from '../../lib/index.js';
import { PaymentCompleted } from '../payments/payment-completed.event.js';
import { Payment } from '../payments/payment.entity.js';

/**
 * Something for a person of support to do: the customer ordered and does not pay. It is done as soon as the payment has ended, whoever
 * brought that about, and given up by itself when nothing happens for two weeks.
 */
@JobType('orders.chase-payment', {
  target: Payment,
  candidates: ['role:support'],
  expiresIn: '14d',
  completeOn: [PaymentCompleted, ({ paymentId }) => paymentId],
  earlyLimit: '1d',
})
export class ChasePayment {
  declare metadata: { readonly orderId: string; readonly amount: number };
}
