import { JobType } from '../../../lib/index.js';
import { Account } from '../../accounts/account.entity.js';
import { PaymentMethodAdded } from '../../accounts/events/payment-method-added.event.js';
import { ONBOARDING } from '../onboarding-plan.js';
import { ownerOf } from '../owner-of.js';

/** Make it possible to pay. */
@JobType('onboarding.add-payment-method', {
  target: Account,
  assignee: ownerOf,
  plan: ONBOARDING,
  step: 30,
  expiresIn: '30d',
  completeOn: [PaymentMethodAdded, ({ accountId }) => accountId],
})
export class AddPaymentMethod {}
