import { Logger } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';

import { ClaimLostError } from '../../errors/claim-lost.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { destroyConnection } from '../database/postgres-driver.js';
import { type ClaimedDelivery, deliveryId } from '../deliveries/claimed-delivery.js';
import type { DeliveryContext, SendingMethod } from '../deliveries/delivery-context.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import { senderOf, withoutSender } from '../deliveries/sender-header.js';
import type { StoredEvent } from '../deliveries/stored-event.js';
import type { Receiver } from '../receivers/receiver.js';
import type { ReleaseSlot, TransactionSlots } from './transaction-slots.js';

/** What runs share. */
export interface RunEnvironment {
  readonly database: EngineDatabase;
  readonly store: Pick<DeliveryStore, 'acknowledge'>;
  readonly transactionSlots: TransactionSlots;
}

const logger = new Logger('Receiver');

/**
 * One run of a receiver: the context it sees, the transaction it may open, and the ways to end it from outside.
 */
export class Run implements DeliveryContext {
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;
  private transactionState: 'none' | 'open' | 'committed' | 'rolledBack' = 'none';
  private queryRunner: QueryRunner | undefined;
  private openTransaction: Promise<unknown> | undefined;
  private releaseSlot: ReleaseSlot = () => undefined;
  private startedAt: number | undefined;
  private abandoned = false;

  constructor(
    readonly delivery: ClaimedDelivery,
    readonly receiver: Receiver,
    private readonly event: StoredEvent,
    private readonly environment: RunEnvironment,
  ) {}

  get deliveryId(): string {
    return deliveryId(this.delivery);
  }

  get eventId(): string {
    return this.event.id;
  }

  get eventName(): string {
    return this.event.name;
  }

  get eventVersion(): number {
    return this.event.version;
  }

  get receiverId(): string {
    return this.receiver.id;
  }

  get via(): SendingMethod {
    return 'emit';
  }

  get sender(): string | null {
    return senderOf(this.event.headers);
  }

  get headers(): Readonly<Record<string, string>> {
    return withoutSender(this.event.headers);
  }

  get correlationId(): string | null {
    return this.event.correlationId;
  }

  get tenant(): string | null {
    return this.event.tenant;
  }

  get key(): string | null {
    return this.event.key;
  }

  get attempt(): number {
    return this.delivery.attempts + 1;
  }

  get emittedAt(): Date {
    return this.event.createdAt;
  }

  get logger(): Logger {
    return logger;
  }

  // Most receivers never look at it, so it is made when it is first asked for.
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.abortReason !== undefined) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  /** Why the run was aborted, when it was. */
  get aborted(): Error | undefined {
    return this.abortReason;
  }

  /** Whether the receiver's transaction committed, and the acknowledgement with it. */
  get isCommitted(): boolean {
    return this.transactionState === 'committed';
  }

  /** Tells the receiver to stop; the first reason stays. */
  abort(reason: Error): void {
    if (this.abortReason !== undefined) return;
    this.abortReason = reason;
    this.controller?.abort(reason);
  }

  /** Whether the receiver may have been called; while its transaction waits for a slot it was not. */
  get isStarted(): boolean {
    return this.startedAt !== undefined;
  }

  /** Milliseconds since the receiver was called; 0 when it was not. */
  get elapsed(): number {
    return this.startedAt === undefined ? 0 : performance.now() - this.startedAt;
  }

  /** Gives the run up: whatever transaction it holds is cut off with its connection, so that it can never commit. */
  async abandon(): Promise<void> {
    this.abandoned = true;
    this.releaseSlot();
    const { queryRunner } = this;
    if (queryRunner === undefined) return;
    await this.environment.database.cutOff(queryRunner);
    // Its receiver may never come back to do so, and the pool would count it as taken for ever.
    await queryRunner.release();
  }

  /** Resolves when the receiver may be called: one that is transactional needs a slot for its transaction first. */
  async admitted(): Promise<void> {
    if (this.receiver.transactional) await this.takeSlot();
    this.assertRunning();
    if (this.abortReason !== undefined) throw this.abortReason;
    this.startedAt = performance.now();
  }

  /** Calls the receiver, in a transaction when it is declared so. */
  async execute(): Promise<void> {
    // The fan-out knows nothing of senders; a delivery that is not meant for the receiver is done as it is.
    if (this.receiver.sender !== null && this.receiver.sender !== this.sender) return;
    if (this.receiver.transactional) {
      await this.transaction((manager) => this.receiver.invoke(this.event, Object.assign(this, { manager })));
      return;
    }
    try {
      await this.receiver.invoke(this.event, this);
    } finally {
      // A receiver that did not await its transaction is not done before that is, and failed when that did.
      if (this.transactionState === 'open') await this.openTransaction;
    }
  }

  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    if (this.transactionState !== 'none') return Promise.reject(new JobsError(this.transactionMessage()));
    this.transactionState = 'open';
    const transaction = this.inTransaction(work);
    this.openTransaction = transaction;
    // Whether the receiver awaits it or not, its failure reaches the outcome; it must not end the process as unhandled.
    transaction.catch(() => undefined);
    return transaction;
  }

  private async inTransaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      if (!this.receiver.transactional) await this.takeSlot();
      const result = await this.onConnection(work);
      this.transactionState = 'committed';
      return result;
    } catch (error) {
      this.transactionState = 'rolledBack';
      throw error;
    } finally {
      this.releaseSlot();
    }
  }

  private async takeSlot(): Promise<void> {
    const release = await this.environment.transactionSlots.acquire();
    if (this.abandoned) release();
    else this.releaseSlot = release;
  }

  private async onConnection<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    this.assertRunning();
    const queryRunner = this.environment.database.dataSource.createQueryRunner();
    try {
      await queryRunner.connect();
      this.assertRunning();
      this.queryRunner = queryRunner;
      return await this.transact(queryRunner, work);
    } finally {
      this.queryRunner = undefined;
      await queryRunner.release();
    }
  }

  private async transact<Result>(
    queryRunner: QueryRunner,
    work: (manager: EntityManager) => Promise<Result>,
  ): Promise<Result> {
    await queryRunner.startTransaction();
    try {
      const result = await work(queryRunner.manager);
      this.assertRunning();
      if (!isInTransaction(queryRunner)) throw new JobsError(this.endedMessage());
      await this.acknowledge(queryRunner.manager);
      await queryRunner.commitTransaction();
      if (isInTransaction(queryRunner)) throw new JobsError(this.unendedMessage());
      return result;
    } catch (error) {
      await rollBack(queryRunner);
      throw error;
    }
  }

  private async acknowledge(manager: EntityManager): Promise<void> {
    const { database, store } = this.environment;
    const connection = await database.connectionOf(manager);
    const acknowledged = await store.acknowledge(connection, [this.delivery]);
    if (acknowledged.size === 0) throw new ClaimLostError(this.deliveryId);
  }

  private assertRunning(): void {
    if (this.abandoned) throw this.abortReason ?? new ClaimLostError(this.deliveryId);
  }

  private transactionMessage(): string {
    return this.receiver.transactional
      ? `Receiver "${this.receiver.id}" is transactional: its transaction is open already, use the context's "manager".`
      : `Receiver "${this.receiver.id}" called transaction() a second time; a delivery is acknowledged once. Do both writes in one transaction.`;
  }

  private endedMessage(): string {
    return (
      `Receiver "${this.receiver.id}" ended the delivery's transaction itself. Leave commit and rollback to it: ` +
      'return to commit, throw to roll back.'
    );
  }

  private unendedMessage(): string {
    return (
      `Receiver "${this.receiver.id}" left a nested transaction open, so nothing was committed. ` +
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
