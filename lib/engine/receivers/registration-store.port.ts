import type { EngineConnection } from '../database/engine-connection.js';
import type { Receiver } from './receiver.js';
import type { ReceiverNumbers } from './receiver-rows.js';
import type { RegisteredReceiver } from './registered-receiver.js';

/**
 * Keeps which receivers exist and what they listen to. Events are fanned out by it, so a receiver is heard of by every process as soon as
 * it is registered by one, and until it is retired.
 */
export abstract class RegistrationStore {
  /** Registers receivers and their subscriptions, and answers with their numbers. What is registered already is not written. */
  abstract register(receivers: readonly Receiver[]): Promise<ReceiverNumbers>;

  /** The numbers of those receivers that are registered; nothing is written. */
  abstract find(receivers: readonly Receiver[]): Promise<ReceiverNumbers>;

  /**
   * Ends the fan-out to a receiver, in the transaction of the connection. Deliveries it has still run where it exists.
   *
   * @returns whether a receiver of that id was registered.
   */
  abstract retire(connection: EngineConnection, id: string): Promise<boolean>;

  /** Registered receivers in the order of their names, from the one behind `after` on. */
  abstract list(after: string | undefined, limit: number): Promise<readonly RegisteredReceiver[]>;
}
