import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** Path of the program on this machine; distributions put it where an ordinary user's PATH does not look. */
export const pgBouncerBinary: string | undefined = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'pgbouncer'))
  .find(isExecutable);

/** What a test decides of its pooler. */
export interface PgBouncerOptions {
  readonly mode: 'transaction' | 'session';
  /** Connections to the server for each database. */
  readonly servers: number;
}

/** A real PgBouncer in front of the server of the tests. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** @param url any database of the server; the others are reached, too, as the same user. */
  static async start(url: string, { mode, servers }: PgBouncerOptions): Promise<PgBouncer> {
    if (pgBouncerBinary === undefined) throw new Error('There is no pgbouncer on this machine.');
    const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
    const [port, server] = [await freePort(), new URL(url)];
    const file = join(folder, 'pgbouncer.ini');
    await writeFile(file, settings({ port, server, mode, servers }));
    await chmod(folder, 0o755);
    // It refuses to run as root.
    const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const child = spawn(pgBouncerBinary, ['-q', file], { ...account, stdio: 'ignore' });
    const bouncer = new PgBouncer(child, folder, port);
    await until(() => answers(bouncer.urlOf(url)), 'PgBouncer');
    return bouncer;
  }

  /** The URL that leads to the same database through here. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function settings({ port, server, mode, servers }: PgBouncerOptions & { port: number; server: URL }): string {
  const password = server.password === '' ? '' : ` password=${decodeURIComponent(server.password)}`;
  return [
    '[databases]',
    `* = host=${server.hostname} port=${server.port || '5432'} user=${decodeURIComponent(server.username)}${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    `default_pool_size = ${servers}`,
    'max_client_conn = 500',
    '',
  ].join('\n');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
