import { ReliableEvent } from '../../../lib/index.js';

/** Somebody has an account now. */
@ReliableEvent('account.signed-up')
export class AccountSignedUp {
  constructor(readonly accountId: string) {}
}
