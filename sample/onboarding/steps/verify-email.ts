import { JobType } from '../../../lib/index.js';
import { Account } from '../../accounts/account.entity.js';
import { EmailVerified } from '../../accounts/events/email-verified.event.js';
import { AccountSignedUp } from '../../accounts/events/signed-up.event.js';
import { ONBOARDING } from '../onboarding-plan.js';
import { ownerOf } from '../owner-of.js';

/** Show that the mailbox is yours. The first step is requested by the sign-up, each other one when the one before is done. */
@JobType('onboarding.verify-email', {
  target: Account,
  assignee: ownerOf,
  plan: ONBOARDING,
  step: 10,
  expiresIn: '30d',
  requestOn: [AccountSignedUp, ({ accountId }) => accountId],
  completeOn: [EmailVerified, ({ accountId }) => accountId],
})
export class VerifyEmail {}
