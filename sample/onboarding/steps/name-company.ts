import { JobType } from '../../../lib/index.js';
import { Account } from '../../accounts/account.entity.js';
import { CompanyNamed } from '../../accounts/events/company-named.event.js';
import { ONBOARDING } from '../onboarding-plan.js';
import { ownerOf } from '../owner-of.js';

/** Say which company the account is for. */
@JobType('onboarding.name-company', {
  target: Account,
  assignee: ownerOf,
  plan: ONBOARDING,
  step: 20,
  expiresIn: '30d',
  completeOn: [CompanyNamed, ({ accountId }) => accountId],
})
export class NameCompany {}
