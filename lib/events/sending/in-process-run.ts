import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { DeliveryContext, SendingMethod } from '../../engine/deliveries/delivery-context.js';
import { senderOf, withoutSender } from '../../engine/deliveries/sender-header.js';
import type { ReceivedEvent } from '../../engine/deliveries/stored-event.js';
import type { Receiver } from '../../engine/receivers/receiver.js';
import { DeliveryTimeoutError } from '../../errors/delivery-timeout.error.js';
import { JobsError } from '../../errors/jobs.error.js';

const logger = new Logger('Receiver');

/** What a receiver is called for, and where its writes go. */
export interface InProcessCall {
  readonly via: SendingMethod;
  readonly event: ReceivedEvent;
  /** Has the sender's open transaction; `undefined` when there is none. */
  readonly manager: EntityManager | undefined;
  readonly dataSource: DataSource;
}

/** One call of a receiver in the process of the sender, and the context it sees: that of a delivery, as far as there is one. */
export class InProcessRun implements DeliveryContext {
  readonly deliveryId = null;
  readonly eventId = null;
  readonly attempt = 1;
  readonly logger = logger;
  private readonly controller = new AbortController();
  private transactionState: 'none' | 'open' | 'ended' = 'none';
  private openTransaction: Promise<unknown> | undefined;

  constructor(
    readonly receiver: Receiver,
    private readonly call: InProcessCall,
  ) {}

  get via(): SendingMethod {
    return this.call.via;
  }

  get eventName(): string {
    return this.call.event.name;
  }

  get eventVersion(): number {
    return this.call.event.version;
  }

  get receiverId(): string {
    return this.receiver.id;
  }

  get sender(): string | null {
    return senderOf(this.call.event.headers);
  }

  get headers(): Readonly<Record<string, string>> {
    return withoutSender(this.call.event.headers);
  }

  get correlationId(): string | null {
    return this.call.event.correlationId;
  }

  get tenant(): string | null {
    return this.call.event.tenant;
  }

  get key(): string | null {
    return this.call.event.key;
  }

  get emittedAt(): Date {
    return this.call.event.createdAt;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Calls the receiver, in a transaction when it is declared so, and answers with what it returned. */
  async execute(): Promise<unknown> {
    const { timeout } = this.receiver;
    const timer = timeout === null ? undefined : setTimeout(() => this.expire(timeout), timeout).unref();
    try {
      return await this.invoke();
    } finally {
      clearTimeout(timer);
    }
  }

  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    // The same receiver may be called for a delivery, where a second one could not be acknowledged.
    if (this.transactionState !== 'none') return Promise.reject(new JobsError(this.transactionMessage()));
    this.transactionState = 'open';
    const transaction = this.inTransaction(work).finally(() => (this.transactionState = 'ended'));
    this.openTransaction = transaction;
    // Whether the receiver awaits it or not, its failure is the receiver's; it must not end the process as unhandled.
    transaction.catch(() => undefined);
    return transaction;
  }

  private async invoke(): Promise<unknown> {
    const { receiver, call } = this;
    if (receiver.transactional) {
      return this.transaction((manager) => receiver.invoke(call.event, Object.assign(this, { manager })));
    }
    try {
      return await receiver.invoke(call.event, this);
    } finally {
      // A receiver that did not await its transaction is not done before that is, and failed when that did.
      if (this.transactionState === 'open') await this.openTransaction;
    }
  }

  private async inTransaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const { manager, dataSource } = this.call;
    if (manager === undefined) return dataSource.transaction(work);
    // A savepoint: what fails in it leaves the sender's transaction usable. TypeORM would commit one that was begun by hand.
    return manager.queryRunner?.isTransactionActive === true ? manager.transaction(work) : work(manager);
  }

  /** It is told to stop; nobody cuts it off, as the sender's transaction may be what it works in. */
  private expire(timeout: number): void {
    this.controller.abort(new DeliveryTimeoutError(this.receiver.id, timeout));
  }

  private transactionMessage(): string {
    return this.receiver.transactional
      ? `Receiver "${this.receiver.id}" is transactional: its transaction is open already, use the context's "manager".`
      : `Receiver "${this.receiver.id}" called transaction() a second time. Do both writes in one transaction.`;
  }
}
