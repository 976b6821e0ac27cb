import type { ClientConfig } from '../../database/client-config.js';

import type { TableNames } from '../../schema/table-names.js';
import type { SessionSettings } from '../session-settings.js';

/** All that a session is made from; plain data, so that it can be handed to a thread. */
export interface SessionSetup {
  readonly connection: ClientConfig;
  readonly names: TableNames;
  readonly channel: string;
  /** What this process itself sends on the channel when there is work; its worker knows already. */
  readonly ownCall?: string | undefined;
  readonly settings: SessionSettings;
  readonly host: string;
  /** Milliseconds added to the database's clock at the start; each claim brings the offset of its moment. */
  readonly clockOffset: number;
  readonly gate: SharedArrayBuffer;
}
