export interface PostgresOptions {
  /** Keep the data here between runs. Default: a throw-away directory, removed when the server stops. */
  dataDir?: string;
  /** Password of the user `postgres`. Default: a random one (kept inside a persistent data directory). */
  password?: string;
  /** Default: any free port. */
  port?: number;
  /** Server settings, for example `{ max_connections: 200, fsync: 'on' }`. A throw-away server has fsync off by default. */
  settings?: Record<string, string | number | boolean>;
  /** Folder with `bin/initdb` and `bin/postgres`. Default: EMBEDDED_PG_DIR, then the npm package of this platform. */
  binaries?: string;
}

/** How PostgreSQL ends: `fast` disconnects clients and closes cleanly, `immediate` is a crash with recovery at the next start. */
export type StopMode = 'smart' | 'fast' | 'immediate';

export interface PostgresServer {
  /** Connection string of a database, `postgres` by default. */
  url(database?: string): string;
  readonly port: number;
  /** Process id of the running server; changes with `restart`. */
  readonly pid: number;
  /** Where the data really is; may differ from the option when the server's account cannot reach that folder. */
  readonly dataDir: string;
  /** Default mode: `immediate` for a throw-away server, `fast` otherwise. */
  stop(mode?: StopMode): Promise<void>;
  /** Keeps port and data. Default mode: `fast`. */
  restart(mode?: StopMode): Promise<void>;
}

/**
 * Starts a PostgreSQL server on 127.0.0.1. It ends with this process at the latest, however this process ends.
 */
export function startPostgres(options?: PostgresOptions): Promise<PostgresServer>;
