import type { ClientConfig } from '../database/client-config.js';

import type { Clock } from '../clock/clock.js';
import type { TableNames } from '../schema/table-names.js';
import type { SessionSettings } from './session-settings.js';

/** What a worker's session needs to know. */
export interface WorkerSessionOptions {
  /**
   * Where and as whom to connect, as `pg` takes it. It should lead to PostgreSQL directly, past any pooler. A `password` function is
   * asked at each connect; any other function keeps the session on the main thread.
   */
  readonly connection: ClientConfig;
  readonly names: TableNames;
  /** Channel on which processes of one schema wake each other. */
  readonly channel: string;
  /** What this process itself sends on the channel when there is work; heard again, it wakes nobody. */
  readonly ownCall?: string;
  readonly clock: Clock;
  /** Timings; left out ones keep their defaults. */
  readonly settings?: Partial<SessionSettings>;
  /** Name of this machine; its own by default. */
  readonly host?: string;
}
