import { JobType } from '../../../lib/index.js';
import { Account } from '../../accounts/account.entity.js';
import { ColleagueInvited } from '../../accounts/events/colleague-invited.event.js';
import { ONBOARDING } from '../onboarding-plan.js';
import { ownerOf } from '../owner-of.js';

/** Bring somebody along. Who works alone may skip it. */
@JobType('onboarding.invite-colleague', {
  target: Account,
  assignee: ownerOf,
  plan: ONBOARDING,
  step: 40,
  expiresIn: '30d',
  skippable: true,
  completeOn: [ColleagueInvited, ({ accountId }) => accountId],
})
export class InviteColleague {}
