import { PaymentError } from './payment.error.js';

/** Amounts are whole and positive. */
export class PaymentAmountError extends PaymentError {
  override readonly name = 'PaymentAmountError';

  constructor(amount: unknown) {
    super(`an amount is a positive whole number of minor units (1000 for 10.00), not ${JSON.stringify(amount)}`);
  }
}
