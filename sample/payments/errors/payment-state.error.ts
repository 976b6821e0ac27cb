import type { PaymentOutcome, PaymentStatus } from '../payment-status.js';
import { PaymentError } from './payment.error.js';

/** A payment that has ended does not end again. */
export class PaymentStateError extends PaymentError {
  override readonly name = 'PaymentStateError';

  constructor(
    readonly paymentId: string,
    readonly current: PaymentStatus,
    readonly wanted: PaymentOutcome,
  ) {
    super(`payment ${paymentId} is "${current}" already and cannot become "${wanted}"`);
  }
}
