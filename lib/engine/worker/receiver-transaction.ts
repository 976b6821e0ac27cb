import { Logger } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';

import { ClaimLostError } from '../../errors/claim-lost.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { destroyConnection } from '../database/postgres-driver.js';
import { type ClaimedDelivery, deliveryId } from '../deliveries/claimed-delivery.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import type { ReleaseSlot, TransactionSlots } from './transaction-slots.js';

/** What the transactions of receivers share. */
export interface RunEnvironment {
  readonly database: EngineDatabase;
  readonly store: Pick<DeliveryStore, 'acknowledge'>;
  readonly transactionSlots: TransactionSlots;
}

/** What is done in a transaction. */
export interface TransactionalWork<Result> {
  do(manager: EntityManager): Promise<Result>;
  /** What was handled in it: acknowledged before it commits. */
  handled(): readonly ClaimedDelivery[];
}

const logger = new Logger('Receiver');

/**
 * One transaction of a receiver, on a connection of the pool and in a slot of the process: it commits together with the acknowledgement of
 * what was handled in it, or not at all.
 */
export class ReceiverTransaction {
  private queryRunner: QueryRunner | undefined;
  private releaseSlot: ReleaseSlot = () => undefined;
  private givenUp: Error | undefined;

  constructor(
    private readonly receiverId: string,
    private readonly environment: RunEnvironment,
  ) {}

  /** Whether it was cut off, so that nothing of it can commit. */
  get isCutOff(): boolean {
    return this.givenUp !== undefined;
  }

  /** Resolves when the transaction may be opened. */
  async takeSlot(): Promise<void> {
    const release = await this.environment.transactionSlots.acquire();
    if (this.isCutOff) release();
    else this.releaseSlot = release;
  }

  /** Gives the slot back of a transaction that is not opened. */
  leaveSlot(): void {
    this.releaseSlot();
  }

  /**
   * Does the work, acknowledges and commits; in a slot that was taken.
   *
   * @throws ClaimLostError when a claim on what was handled was lost.
   * @throws JobsError when the receiver ended the transaction itself, or left a nested one open.
   */
  async run<Result>(work: TransactionalWork<Result>): Promise<Result> {
    try {
      return await this.onConnection(work);
    } finally {
      this.releaseSlot();
    }
  }

  /**
   * Gives it up: whatever it holds is cut off with its connection, so that it can never commit.
   *
   * @param reason what the receiver's statements fail with from now on.
   */
  async cutOff(reason: Error): Promise<void> {
    this.givenUp ??= reason;
    this.releaseSlot();
    const { queryRunner } = this;
    if (queryRunner === undefined) return;
    // Each delivery of a group may say so.
    this.queryRunner = undefined;
    await this.environment.database.cutOff(queryRunner);
    // Its receiver may never come back to do so, and the pool would count it as taken for ever.
    await queryRunner.release();
  }

  private async onConnection<Result>(work: TransactionalWork<Result>): Promise<Result> {
    this.assertKept();
    const queryRunner = this.environment.database.dataSource.createQueryRunner();
    try {
      await queryRunner.connect();
      this.assertKept();
      this.queryRunner = queryRunner;
      return await this.transact(queryRunner, work);
    } finally {
      this.queryRunner = undefined;
      await queryRunner.release();
    }
  }

  private async transact<Result>(queryRunner: QueryRunner, work: TransactionalWork<Result>): Promise<Result> {
    await queryRunner.startTransaction();
    try {
      const result = await work.do(queryRunner.manager);
      this.assertKept();
      if (!isInTransaction(queryRunner)) throw new JobsError(this.endedMessage());
      await this.acknowledge(queryRunner.manager, work.handled());
      await queryRunner.commitTransaction();
      if (isInTransaction(queryRunner)) throw new JobsError(this.unendedMessage());
      return result;
    } catch (error) {
      await rollBack(queryRunner);
      throw error;
    }
  }

  private async acknowledge(manager: EntityManager, deliveries: readonly ClaimedDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const { database, store } = this.environment;
    const connection = await database.connectionOf(manager);
    const acknowledged = await store.acknowledge(connection, deliveries);
    const lost = deliveries.find((delivery) => !acknowledged.has(delivery));
    if (lost !== undefined) throw new ClaimLostError(deliveryId(lost));
  }

  private assertKept(): void {
    if (this.givenUp !== undefined) throw this.givenUp;
  }

  private endedMessage(): string {
    return (
      `Receiver "${this.receiverId}" ended the delivery's transaction itself. Leave commit and rollback to it: ` +
      'return to commit, throw to roll back.'
    );
  }

  private unendedMessage(): string {
    return (
      `Receiver "${this.receiverId}" left a nested transaction open, so nothing was committed. ` +
      'Await every manager.transaction() before returning.'
    );
  }
}

/** A call, as the answer changes between two of them. */
function isInTransaction(queryRunner: QueryRunner): boolean {
  return queryRunner.isTransactionActive;
}

async function rollBack(queryRunner: QueryRunner): Promise<void> {
  try {
    if (isInTransaction(queryRunner)) await queryRunner.rollbackTransaction();
    // That ended a nested one alone: a connection with an open transaction must not go back to the pool.
    if (isInTransaction(queryRunner)) await destroyConnection(queryRunner);
  } catch (error) {
    // The connection is gone, and the transaction with it; the error that led here is the one to report.
    logger.debug(`The rollback did not reach the server: ${String(error)}`);
    await destroyConnection(queryRunner);
  }
}
