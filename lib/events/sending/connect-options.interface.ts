import type { OnReliableEventOptions } from '../on-reliable-event-options.interface.js';

/**
 * How a function is connected. `retry`, `concurrency` and `aliases` matter to deliveries alone.
 *
 * @publicApi
 */
export interface ConnectOptions extends Omit<OnReliableEventOptions, 'dataSource'> {
  /** Names the connection, 1 to 200 printable characters; in the database, too, when it is reliable. */
  readonly id: string;
  /**
   * Whether what is emitted gets a delivery for it. Without, it hears of what is sent in this process only.
   *
   * @default false
   */
  readonly reliable?: boolean;
}
