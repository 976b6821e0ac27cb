import { AccountError } from './account.error.js';

export class AccountNotFoundError extends AccountError {
  override readonly name = 'AccountNotFoundError';

  constructor() {
    super('there is no such account');
  }
}
