const { existsSync } = require('node:fs');

/** Without the caller's PG* variables and locale: a server must look the same on every machine. */
function cleanEnv() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG|NODE_)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

const ownServer = 'Set DATABASE_URL (TEST_DATABASE_URL for tests) to use a PostgreSQL server of your own.';

function spawnHint(error, file) {
  if (error.code === 'ENOENT' && existsSync(file)) {
    return `${error.message}. The file exists: its loader is missing (musl instead of glibc?). ${ownServer}`;
  }
  if (error.code === 'EPERM') return `${error.message}. This root user may not change to another user. ${ownServer}`;
  return error.message;
}

module.exports = { cleanEnv, ownServer, spawnHint };
