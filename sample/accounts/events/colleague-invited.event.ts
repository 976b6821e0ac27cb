import { ReliableEvent } from '../../../lib/index.js';

/** The account has invited a colleague, perhaps not the first. */
@ReliableEvent('account.colleague-invited')
export class ColleagueInvited {
  constructor(readonly accountId: string) {}
}
