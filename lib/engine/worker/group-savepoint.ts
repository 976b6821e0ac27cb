import type { EntityManager, QueryRunner } from 'typeorm';

import { JobsError } from '../../errors/jobs.error.js';
import type { SqlClient } from '../database/sql-client.js';
import { clientOf } from '../database/postgres-driver.js';

const BEGIN = 'savepoint jobs_delivery';
const UNDO = 'rollback to savepoint jobs_delivery';
/** One round trip; that it succeeds says, too, that no statement had broken the transaction. */
const KEEP = `release savepoint jobs_delivery; ${BEGIN}`;

/**
 * Keeps apart what the deliveries of a group write in their one transaction: one that fails leaves nothing, and the others go on.
 *
 * TypeORM's own savepoints would cost two round trips a delivery. Its subscribers are told of these as of those, so that what waits for the
 * commit in one that is rolled back is forgotten.
 */
export class GroupSavepoint {
  private lost: Error | undefined;

  private constructor(
    private readonly queryRunner: QueryRunner,
    private readonly client: SqlClient,
  ) {}

  static async open({ queryRunner }: EntityManager): Promise<GroupSavepoint> {
    if (queryRunner === undefined) throw new JobsError('A group needs a transaction.');
    const savepoint = new GroupSavepoint(queryRunner, await clientOf(queryRunner));
    await savepoint.run(BEGIN);
    return savepoint;
  }

  /** Keeps what is written when `work` succeeds, and takes it back when it does not. Rejects with the error of `work`. */
  async around(work: () => Promise<void>): Promise<void> {
    await this.tell('AfterTransactionStart');
    try {
      await work();
      await this.run(KEEP);
    } catch (error) {
      await this.undo();
      throw error;
    }
    await this.tell('AfterTransactionCommit');
  }

  /** @throws what a delivery did to the transaction, so that nothing can be told apart in it any more. */
  assertWhole(): void {
    if (this.lost !== undefined) throw this.lost;
  }

  private async undo(): Promise<void> {
    try {
      await this.run(UNDO);
    } catch (error) {
      this.lost = error instanceof Error ? error : new Error(String(error));
    } finally {
      await this.tell('AfterTransactionRollback');
    }
  }

  private async run(text: string): Promise<void> {
    await this.client.query({ text });
  }

  private async tell(
    event: 'AfterTransactionStart' | 'AfterTransactionCommit' | 'AfterTransactionRollback',
  ): Promise<void> {
    await this.queryRunner.broadcaster.broadcast(event);
  }
}
