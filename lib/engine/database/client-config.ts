import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/**
 * How to connect, as `pg` takes it. Its own type is not used, since the declarations of this package must compile where the types of
 * `pg`, which TypeORM does without, are not installed.
 */
export interface ClientConfig {
  user?: string | undefined;
  database?: string | undefined;
  host?: string | undefined;
  port?: number | undefined;
  password?: string | (() => string | Promise<string>) | undefined;
  connectionString?: string | undefined;
  ssl?: boolean | ConnectionOptions | undefined;
  sslnegotiation?: 'postgres' | 'direct' | undefined;
  enableChannelBinding?: boolean | undefined;
  options?: string | undefined;
  application_name?: string | undefined;
  fallback_application_name?: string | undefined;
  client_encoding?: string | undefined;
  stream?: () => Duplex | undefined;
  keepAlive?: boolean | undefined;
  keepAliveInitialDelayMillis?: number | undefined;
}
