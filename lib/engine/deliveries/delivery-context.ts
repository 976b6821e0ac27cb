import type { LoggerService } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/**
 * What a receiver learns of the delivery it handles, beside the event.
 *
 * @publicApi
 */
export interface DeliveryContext {
  /** Names the delivery: the event's id and the receiver's number. */
  readonly deliveryId: string;
  readonly eventId: string;
  readonly eventName: string;
  /** Version the event was emitted with, before any upcaster. */
  readonly eventVersion: number;
  readonly receiverId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string | null;
  readonly tenant: string | null;
  readonly key: string | null;
  /** 1 on the first run; failures before this run plus one. Interruptions do not count. */
  readonly attempt: number;
  readonly emittedAt: Date;
  /** Aborts on timeout, on shutdown after the grace time, and when the claim is lost. Its `reason` is the error that says which. */
  readonly signal: AbortSignal;
  readonly logger: LoggerService;
  /**
   * Runs `work` in a transaction that commits together with the acknowledgement of this delivery, so its writes take effect once.
   * Open it late, after the outside world was called: it holds a connection.
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
  /** Writes made through it commit together with the acknowledgement, or not at all. */
  readonly manager: EntityManager;
}
