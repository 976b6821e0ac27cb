import { JobsError } from './jobs.error.js';

/**
 * A manager was used after its transaction had ended and its connection was returned; nothing was written.
 *
 * @publicApi
 */
export class TransactionEndedError extends JobsError {
  constructor() {
    super(
      "The manager's transaction has ended and its connection was returned to the pool, so there is nothing to join. " +
        'Await emit inside the callback of the transaction.',
    );
  }
}
