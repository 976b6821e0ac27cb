// A Redis of its own for each run, found in PATH: in a folder of its own, on a free port, ended with the run.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const MOST_QUEUES = 10;

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Starts a server as BullMQ's documents ask for it: written to disk each second, nothing evicted. */
export async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: 'everysec' };
  const settings = Object.entries({ ...options, 'maxmemory-policy': 'noeviction' });
  // Standard input ends when this process does, however it ends; then the server does, too.
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      'redis-server "$@" & read _; kill -9 $!',
      'sh',
      ...settings.flatMap(([name, value]) => [`--${name}`, `${value}`]),
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const exit = once(child, 'exit');
  for (let tries = 0; (await send(port, ['PING']).catch(() => undefined)) !== 'PONG'; tries += 1) {
    if (tries === 200 || child.exitCode !== null) throw new Error('redis-server did not start.');
    await sleep(25);
  }
  let asked = 0;
  return {
    pid: Number(/process_id:(\d+)/.exec(await send(port, ['INFO', 'server']))[1]),
    url: `redis://127.0.0.1:${port}`,
    /** Jobs of BullMQ's queues that are not done. */
    async unfinished() {
      const queues = Array.from({ length: MOST_QUEUES }, (_, index) => `bull:receiver-${index + 1}`);
      const commands = queues.flatMap((queue) => [
        ['LLEN', `${queue}:wait`],
        ['LLEN', `${queue}:active`],
        ['ZCARD', `${queue}:delayed`],
      ]);
      const counts = await Promise.all(commands.map((words) => send(port, words)));
      return counts.reduce((sum, count) => sum + Number(count), 0);
    },
    /** Commands it has carried out, without those that ask for this. */
    async commands() {
      const count = Number(/total_commands_processed:(\d+)/.exec(await send(port, ['INFO', 'stats']))[1]);
      return count - asked++;
    },
    /** Commands that write wait, those of scripts included, until it goes on. */
    pause: () => send(port, ['CLIENT', 'PAUSE', '60000', 'WRITE']),
    resume: () => send(port, ['CLIENT', 'UNPAUSE']),
    async stop() {
      child.stdin.end();
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One command, one simple, numeric or bulk answer. */
function send(port, words) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.on('connect', () =>
      socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`),
    );
    socket.on('data', (data) => {
      text += data;
      const bulk = /^\$(\d+)\r\n/.exec(text);
      if (bulk === null ? text.endsWith('\r\n') : text.length >= bulk[0].length + Number(bulk[1]) + 2) {
        socket.destroy();
        resolve(bulk === null ? text.slice(1, -2) : text.slice(bulk[0].length, -2));
      }
    });
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
