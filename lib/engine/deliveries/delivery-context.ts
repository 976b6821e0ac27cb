import type { LoggerService } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/**
 * The call an event was sent by: `emit` is the reliable one, the others run receivers in the sender's process.
 *
 * @publicApi
 */
export type SendingMethod = 'emit' | 'send' | 'sendRobust' | 'sendAfterCommit';

/**
 * What a receiver learns of the delivery it handles, beside the event.
 *
 * @publicApi
 */
export interface DeliveryContext {
  /** How the event was sent. Only what was emitted has a delivery: it is run again when it fails, and survives its process. */
  readonly via: SendingMethod;
  /** Names the delivery: the event's id and the receiver's number; `null` for what was sent in process. */
  readonly deliveryId: string | null;
  /** `null` for what was sent in process: it is written nowhere. */
  readonly eventId: string | null;
  readonly eventName: string;
  /** Version the event was emitted with, before any upcaster. */
  readonly eventVersion: number;
  readonly receiverId: string;
  /** Who sent it, when it said so. */
  readonly sender: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string | null;
  readonly tenant: string | null;
  readonly key: string | null;
  /** 1 on the first run; failures before this run plus one. Interruptions do not count. Always 1 for what was sent in process. */
  readonly attempt: number;
  readonly emittedAt: Date;
  /** Aborts on timeout, on shutdown after the grace time, and when the claim is lost. Its `reason` is the error that says which. */
  readonly signal: AbortSignal;
  readonly logger: LoggerService;
  /**
   * Runs `work` in a transaction that commits together with the acknowledgement of this delivery, so its writes take effect once.
   * Open it late, after the outside world was called: it holds a connection.
   *
   * In process it is part of the sender's transaction, to which nothing of it is left when it throws; without one it is a transaction of its own.
   *
   * @throws JobsError when called a second time, or by a receiver that is `transactional` already.
   */
  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result>;
}

/**
 * The context of a receiver declared `transactional: true`.
 *
 * @publicApi
 */
export interface TransactionalContext extends DeliveryContext {
  /**
   * Writes made through it commit together with the acknowledgement, or not at all; in process with the sender's transaction, if it has one.
   * For a transaction within, use its `transaction`: that of the data source takes a second connection of the pool, and commits by itself.
   */
  readonly manager: EntityManager;
}
