import { AccountError } from './account.error.js';

export class EmailTakenError extends AccountError {
  override readonly name = 'EmailTakenError';

  constructor() {
    super('this address has an account already');
  }
}
