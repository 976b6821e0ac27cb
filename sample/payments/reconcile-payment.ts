import { JobType } from '../../lib/index.js';
import type { PaymentOutcome, PaymentStatus } from './payment-status.js';
import { Payment } from './payment.entity.js';

/** Something for a person: the provider says of a payment that has ended that it ended otherwise. Only they can find out who is right. */
@JobType('payments.reconcile', {
  target: Payment,
  candidates: ['role:support'],
  outcomes: ['provider-was-wrong', 'corrected-by-hand'],
  priority: 10,
  dueIn: '1d',
  expiresIn: '90d',
})
export class ReconcilePayment {
  declare metadata: { readonly ours: PaymentStatus; readonly theirs: PaymentOutcome };
  declare outcome: 'provider-was-wrong' | 'corrected-by-hand';
}
