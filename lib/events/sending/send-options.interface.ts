import type { EntityManager } from 'typeorm';
import type { EventOptions } from '../emit-options.interface.js';

/**
 * How an event is sent in process.
 *
 * @publicApi
 */
export interface SendOptions extends Pick<EventOptions, 'sender' | 'headers' | 'correlationId' | 'tenant' | 'key'> {
  /**
   * Manager of the sender's transaction: receivers write in it, or wait for its commit. Without one the module's `transactionManager`, then
   * the data source's own manager, is asked for a transaction.
   */
  readonly manager?: EntityManager;
}

/**
 * What one receiver answered to an event: what it returned, or what it threw.
 *
 * @publicApi
 */
export type ReceiverAnswer =
  | { readonly receiver: string; readonly value: unknown; readonly error?: never }
  | { readonly receiver: string; readonly error: unknown; readonly value?: never };
