// One run of the server: spawn, wait until it accepts connections, stop.
const { spawn } = require('node:child_process');
const { closeSync, existsSync, fstatSync, openSync, rmSync } = require('node:fs');
const { readFile } = require('node:fs/promises');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const { asAccount } = require('./account.cjs');
const { cleanEnv, ownServer, spawnHint } = require('./environment.cjs');

const readyTimeout = 60_000;
const stopTimeout = 30_000;
// What has been told to stop says so by then.
const stoppingTimeout = 2_000;
const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' };

const portIsTaken = /could not bind|could not create any TCP\/IP sockets/;
// After an immediate stop the old backends may need a moment to notice.
const oldBackendsRemain = /pre-existing shared memory block/;
const lockExists = /lock file "postmaster\.pid" already exists/;

/** The port is free now, not for certain a moment later: hence several tries. */
async function startOnFreePort(run) {
  for (let tries = 6; ; tries--) {
    const port = await freePort();
    try {
      return await startServer({ ...run, port });
    } catch (error) {
      if (!error.portIsTaken || tries === 1) throw error;
    }
  }
}

/** For a port and a data directory that were in use until just now. */
async function startAgain(run) {
  for (let tries = 40; ; tries--) {
    try {
      return await startServer(run);
    } catch (error) {
      if (!(error.portIsTaken || error.oldBackendsRemain) || tries === 1) throw error;
      await sleep(250);
    }
  }
}

/**
 * The data directory may still be in use by the server of a launcher that was killed a moment ago, which is about to end: that is waited
 * for. One that does not stop belongs to somebody else.
 */
async function startServer(run) {
  for (const began = Date.now(); ; await sleep(100)) {
    try {
      return await startOnce(run);
    } catch (error) {
      if (!error.dataDirIsInUse) throw error;
      const { status } = await readPidFile(run.dataDir);
      // Nothing is said any more by one that has ended since.
      const patience = status === 'stopping' || status === undefined ? readyTimeout : stoppingTimeout;
      if (Date.now() - began > patience) throw error;
    }
  }
}

async function startOnce({ binaries, account, dataDir, port, settings, watchdog, keep }) {
  const log = openLog(dataDir);
  const child = spawn(binaries.postgres, serverArgs(dataDir, port, settings), {
    ...asAccount(account),
    cwd: dataDir,
    env: cleanEnv(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  closeSync(log.fd);
  if (child.pid) watchdog.watch(child.pid, keep, dataDir);
  child.unref();
  let ended;
  const exit = new Promise((resolve) => {
    child.once('error', (error) => resolve((ended = spawnHint(error, binaries.postgres))));
    child.once('exit', (code, signal) => resolve((ended = `ended with ${signal ?? `code ${code}`}`)));
  });
  for (const deadline = Date.now() + readyTimeout; ended === undefined; await sleep(10)) {
    if (await isReady(dataDir, child.pid))
      return { pid: child.pid, port, exit, stop: (mode) => stop(child, exit, mode) };
    if (Date.now() > deadline) {
      await stop(child, exit, 'immediate');
      ended = `was not ready after ${readyTimeout / 1000} s`;
    }
  }
  throw await startError(ended, { dataDir, port, log });
}

/** A file, not a pipe: the server must never wait for us to read. Appended to, for it may be another server's log. */
function openLog(dataDir) {
  const file = join(dataDir, 'server.log');
  if (!existsSync(join(dataDir, 'postmaster.pid'))) rmSync(file, { force: true });
  const fd = openSync(file, 'a', 0o600);
  return { file, fd, start: fstatSync(fd).size };
}

function serverArgs(dataDir, port, settings) {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const text = (value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : value);
  return [
    '-D',
    dataDir,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${text(value)}`]),
  ];
}

async function isReady(dataDir, pid) {
  const { pid: found, status } = await readPidFile(dataDir);
  return found === String(pid) && status === 'ready';
}

/** What pg_ctl looks at: written by the server itself, whatever its log settings are. */
async function readPidFile(dataDir) {
  const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return { pid: lines[0], port: lines[3], status: lines[7]?.trim() };
}

async function startError(ended, { dataDir, port, log: { file, start } }) {
  const written = await readFile(file).catch(() => Buffer.alloc(0));
  const log = written.subarray(start).toString().slice(-4000).trim();
  if (lockExists.test(log)) {
    const { pid, port: usedPort } = await readPidFile(dataDir);
    const error = new Error(
      `The data directory ${dataDir} is already in use by another PostgreSQL server (pid ${pid}, port ${usedPort}). ` +
        `Stop that one first. ${ownServer}`,
    );
    return Object.assign(error, { dataDirIsInUse: true });
  }
  const error = new Error(`PostgreSQL on port ${port} ${ended}. Its log:\n${log}`);
  return Object.assign(error, { portIsTaken: portIsTaken.test(log), oldBackendsRemain: oldBackendsRemain.test(log) });
}

async function stop(child, exit, mode) {
  // While we wait, the event loop has to stay alive.
  child.ref();
  for (const signal of [signals[mode], 'SIGQUIT', 'SIGKILL']) {
    child.kill(signal);
    const timer = new AbortController();
    const tooLong = sleep(stopTimeout, 'too long', { signal: timer.signal }).catch(() => undefined);
    const result = await Promise.race([exit, tooLong]);
    timer.abort();
    if (result !== 'too long') return;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

module.exports = { startAgain, startOnFreePort, startServer };
