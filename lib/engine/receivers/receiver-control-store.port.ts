import type { EngineConnection } from '../database/engine-connection.js';
import type { ReceiverControl } from './receiver-control.js';

/** Keeps what operators decided about receivers, by their present names. Each change says whether there is such a receiver. */
export abstract class ReceiverControlStore {
  /** What is decided of those receivers of which anything is. */
  abstract read(connection: EngineConnection): Promise<readonly ReceiverControl[]>;

  /** Who paused it first is remembered. */
  abstract pause(connection: EngineConnection, name: string, actor: string): Promise<boolean>;

  abstract resume(connection: EngineConnection, name: string): Promise<boolean>;

  abstract setConcurrency(connection: EngineConnection, name: string, concurrency: number | null): Promise<boolean>;
}
