import { ReliableEvent } from '../../lib/index.js';

/** A payment has ended, well or not. Only its id: who listens reads the payment as it is by then. */
@ReliableEvent('payment.completed')
export class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}
