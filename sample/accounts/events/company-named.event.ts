import { ReliableEvent } from '../../../lib/index.js';

/** The account says which company it is for. */
@ReliableEvent('account.company-named')
export class CompanyNamed {
  constructor(readonly accountId: string) {}
}
