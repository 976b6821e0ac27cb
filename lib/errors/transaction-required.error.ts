import { JobsError } from './jobs.error.js';

/**
 * An event was emitted outside a transaction although `requireTransaction` is set; nothing was written.
 *
 * @publicApi
 */
export class TransactionRequiredError extends JobsError {
  constructor() {
    super(
      'requireTransaction is set, but there is no transaction to join. Pass { manager } of an open one, ' +
        "or give JobsModule the option transactionManager that finds the application's.",
    );
  }
}
