import { PaymentError } from './payment.error.js';

export class PaymentNotFoundError extends PaymentError {
  override readonly name = 'PaymentNotFoundError';

  constructor(paymentId: string) {
    super(`there is no payment ${paymentId}`);
  }
}
