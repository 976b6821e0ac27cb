import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { ClaimLostError } from '../../errors/claim-lost.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import { type ClaimedDelivery, deliveryId } from '../deliveries/claimed-delivery.js';
import type { DeliveryContext, SendingMethod } from '../deliveries/delivery-context.js';
import { senderOf, withoutSender } from '../deliveries/sender-header.js';
import type { StoredEvent } from '../deliveries/stored-event.js';
import type { Receiver } from '../receivers/receiver.js';
import { ReceiverTransaction, type RunEnvironment } from './receiver-transaction.js';
import type { Enrolled } from './roster.js';

const logger = new Logger('Receiver');

/**
 * One run of a receiver: the context it sees, the transaction it may open or shares with others, and the ways to end it from outside.
 */
export class Run implements DeliveryContext, Enrolled {
  place = -1;
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;
  private transactionState: 'none' | 'open' | 'committed' | 'rolledBack' = 'none';
  private openTransaction: Promise<unknown> | undefined;
  private beganAt: number | undefined;
  private finishedAt: number | undefined;
  private abandoned = false;
  // Most receivers open none.
  private held: ReceiverTransaction | undefined;

  /** @param shared transaction of a group that the run belongs to, which is opened and ended by that. */
  constructor(
    readonly delivery: ClaimedDelivery,
    readonly receiver: Receiver,
    private readonly event: StoredEvent,
    private readonly environment: RunEnvironment,
    private readonly shared?: ReceiverTransaction,
  ) {
    this.held = shared;
  }

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
    return this.beganAt !== undefined;
  }

  /** When it was, by `performance.now()`; never, when it was not. */
  get startedAt(): number {
    return this.beganAt ?? Infinity;
  }

  /** Milliseconds the receiver took, or has taken so far; 0 when it was not called. */
  get elapsed(): number {
    return this.beganAt === undefined ? 0 : (this.finishedAt ?? performance.now()) - this.beganAt;
  }

  /** The receiver has ended, though its group may not have. */
  finish(): void {
    this.finishedAt = performance.now();
  }

  /** Gives the run up: whatever transaction it holds is cut off with its connection, so that it can never commit. */
  async abandon(): Promise<void> {
    this.abandoned = true;
    // One that it opens from now on is cut off as well.
    await this.transactionHeld().cutOff(this.reasonToStop());
  }

  /**
   * What is to be waited for before the receiver may be called: one that is transactional needs a slot for its transaction first.
   *
   * @throws why it was told to stop before it began.
   */
  admission(): Promise<void> | undefined {
    // What is not meant for the receiver opens no transaction, and so would never give its slot back.
    if (this.receiver.transactional && this.shared === undefined && this.isMeant)
      return this.admittedToSlot(this.transactionHeld());
    this.begin();
    return undefined;
  }

  /** Calls the receiver, in a transaction when it is declared so. */
  execute(): Promise<unknown> {
    if (!this.isMeant) return Promise.resolve();
    if (this.receiver.transactional) return this.transaction((manager) => this.invokeIn(manager));
    return this.receiver.invoke(this.event, this);
  }

  /** What goes on of it although the receiver has returned: it is not done before that is, and failed when that did. */
  get unawaited(): Promise<unknown> | undefined {
    return this.transactionState === 'open' ? this.openTransaction : undefined;
  }

  /** Calls the receiver in the transaction of its group. */
  async executeIn(manager: EntityManager): Promise<void> {
    if (!this.isMeant) return;
    this.transactionState = 'open';
    await this.invokeIn(manager);
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

  /** The fan-out knows nothing of senders; a delivery that is not meant for the receiver is done as it is. */
  private get isMeant(): boolean {
    return this.receiver.sender === null || this.receiver.sender === this.sender;
  }

  private async admittedToSlot(transaction: ReceiverTransaction): Promise<void> {
    await transaction.takeSlot();
    try {
      this.begin();
    } catch (error) {
      transaction.leaveSlot();
      throw error;
    }
  }

  private begin(): void {
    if (this.abandoned || this.abortReason !== undefined) throw this.reasonToStop();
    this.beganAt = performance.now();
  }

  private transactionHeld(): ReceiverTransaction {
    return (this.held ??= new ReceiverTransaction(this.receiver.id, this.environment));
  }

  private invokeIn(manager: EntityManager): Promise<unknown> {
    return this.receiver.invoke(this.event, Object.assign(this, { manager }));
  }

  private async inTransaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      const transaction = this.transactionHeld();
      if (!this.receiver.transactional) await transaction.takeSlot();
      const result = await transaction.run({ do: work, handled: () => [this.delivery] });
      this.transactionState = 'committed';
      return result;
    } catch (error) {
      this.transactionState = 'rolledBack';
      throw error;
    }
  }

  private reasonToStop(): Error {
    return this.abortReason ?? new ClaimLostError(this.deliveryId);
  }

  private transactionMessage(): string {
    return this.receiver.transactional
      ? `Receiver "${this.receiver.id}" is transactional: its transaction is open already, use the context's "manager".`
      : `Receiver "${this.receiver.id}" called transaction() a second time; a delivery is acknowledged once. Do both writes in one transaction.`;
  }
}
