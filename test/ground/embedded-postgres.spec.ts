import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import { type PostgresServer, startPostgres } from '../../tools/embedded-postgres.mjs';

const serverOwner = resolve(__dirname, '../../.build/test/ground/children/server-owner.js');

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(25);
}

type Owner = ChildProcessByStdio<null, Readable, null>;

/** A process that starts a server, which is there once it says where. */
function own(...args: readonly string[]): Owner {
  return spawn(process.execPath, [serverOwner, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ownedBy(owner: Owner): Promise<{ readonly url: string; readonly dataDir: string }> {
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  return JSON.parse(line) as { url: string; dataDir: string };
}

/** A server that is not about to stop is waited for no longer than 2 s. */
const LONGER_THAN_OTHERS_ARE_WAITED_FOR = 2_500;

/** How often a server was not started because this one has its directory. */
async function refusals({ dataDir }: PostgresServer): Promise<number> {
  return (await readFile(join(dataDir, 'server.log'), 'utf8')).split('"postmaster.pid" already exists').length - 1;
}

/** Takes from the pid file what the server says it is doing, as it is not there when the server has just ended. */
async function saysNothing({ dataDir }: PostgresServer): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  await writeFile(file, (await readFile(file, 'utf8')).split('\n').slice(0, 7).join('\n'));
}

describe('embedded PostgreSQL launcher', () => {
  const servers: PostgresServer[] = [];

  async function start(...args: Parameters<typeof startPostgres>): Promise<PostgresServer> {
    const server = await startPostgres(...args);
    servers.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it('starts a throw-away server with the given settings and removes it when stopped', async () => {
    const server = await start({ settings: { max_connections: 17 } });

    expect(await query(server.url(), `SELECT 1 AS one, current_setting('max_connections') AS max`)).toEqual([
      { one: 1, max: '17' },
    ]);

    await server.stop();
    await expect(query(server.url(), 'SELECT 1')).rejects.toThrow();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('keeps port and committed data over an immediate restart', async () => {
    const server = await start();
    const before = { url: server.url(), pid: server.pid };
    await query(server.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');

    await server.restart('immediate');

    expect(server.url()).toBe(before.url);
    expect(server.pid).not.toBe(before.pid);
    expect(await query(server.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('takes the server along when its process is killed', async () => {
    const child = own();
    try {
      const { url, dataDir } = await ownedBy(child);
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

      child.kill('SIGKILL');

      await until(() =>
        query(url, 'SELECT 1').then(
          () => false,
          () => true,
        ),
      );
      await until(() => !existsSync(dataDir));
    } finally {
      child.kill('SIGKILL');
    }
  });

  describe('with a persistent data directory', () => {
    let parent: string;

    beforeEach(async () => {
      parent = await mkdtemp(join(tmpdir(), 'launcher-spec-'));
      await chmod(parent, 0o755);
    });

    afterEach(async () => {
      await Promise.all(servers.splice(0).map((server) => server.stop()));
      await rm(parent, { recursive: true, force: true });
    });

    it('finds its data again', async () => {
      const dataDir = join(parent, 'pg');
      const first = await start({ dataDir, password: 'secret' });
      await query(first.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();

      const second = await start({ dataDir });

      expect(await query(second.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    });

    it('finds its data again at once when its process was killed and the server is just about to end', async () => {
      const dataDir = join(parent, 'pg');
      const child = own(dataDir);
      try {
        const { url } = await ownedBy(child);
        await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      } finally {
        child.kill('SIGKILL');
      }

      const second = await start({ dataDir });

      expect(await query(second.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    });

    it('waits for a server that takes its time to stop, also when that has ended by the time it looks', async () => {
      const dataDir = join(parent, 'pg');
      const first = await start({ dataDir });
      const guest = new Client(first.url());
      await guest.connect();
      // It ends when its last client has gone.
      process.kill(first.pid, 'SIGTERM');
      const second = start({ dataDir });
      await Promise.race([sleep(LONGER_THAN_OTHERS_ARE_WAITED_FOR), second]);
      await saysNothing(first);
      const before = await refusals(first);
      await Promise.race([until(async () => (await refusals(first)) > before + 1), second]);
      await guest.end();

      expect(await query((await second).url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('says so when another launcher uses the directory', async () => {
      const dataDir = join(parent, 'pg');
      await start({ dataDir });

      await expect(startPostgres({ dataDir })).rejects.toThrow(/already in use by another PostgreSQL server \(pid \d+/);
    });

    it('says so when a given port is taken', async () => {
      const { port } = await start();

      await expect(startPostgres({ port })).rejects.toThrow(`PostgreSQL on port ${port} ended with`);
    });
  });
});
