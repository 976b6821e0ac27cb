import { ReliableEvent } from '../../../lib/index.js';

/** Whoever has the account reads its mailbox. */
@ReliableEvent('account.email-verified')
export class EmailVerified {
  constructor(readonly accountId: string) {}
}
