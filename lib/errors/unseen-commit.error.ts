import { JobsError } from './jobs.error.js';

/**
 * Something was to happen after the commit of a transaction whose commit nobody would tell of; it does not happen.
 *
 * @publicApi
 */
export class UnseenCommitError extends JobsError {
  constructor() {
    super(
      'sendAfterCommit: the transaction was begun by hand, so TypeORM does not tell when it commits. ' +
        'Begin it with dataSource.transaction() or queryRunner.startTransaction(), or use ReliableEvents.emit.',
    );
  }
}
