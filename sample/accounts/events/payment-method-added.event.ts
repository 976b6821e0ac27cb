import { ReliableEvent } from '../../../lib/index.js';

/** The account can pay. */
@ReliableEvent('account.payment-method-added')
export class PaymentMethodAdded {
  constructor(readonly accountId: string) {}
}
