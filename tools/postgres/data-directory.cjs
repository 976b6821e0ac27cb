// Where a cluster lives, and its first initialisation.
const { spawn } = require('node:child_process');
const { createHash, randomBytes } = require('node:crypto');
const { existsSync } = require('node:fs');
const { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { basename, dirname, join, resolve } = require('node:path');

const { asAccount, canTraverse } = require('./account.cjs');
const { sharedTemp } = require('./binaries.cjs');
const { cleanEnv, ownServer, spawnHint } = require('./environment.cjs');

const passwordFile = 'launcher.password';

/** A folder below the temp folder with the data in its subfolder `data`; the whole folder is removed afterwards. */
async function createThrowAway({ account, password, ...context }) {
  const temp = canTraverse(tmpdir(), account) ? tmpdir() : '/tmp';
  const home = await mkdtemp(join(temp, 'embedded-pg-'));
  const secret = password ?? randomBytes(12).toString('hex');
  try {
    await initialise(home, secret, { ...context, account, extra: ['--no-sync'] });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  return { dataDir: join(home, 'data'), home, password: secret };
}

/** Where a persistent cluster really is: a folder the account cannot reach is replaced by one it can. */
function persistentLocation(dataDir, account) {
  const wanted = resolve(dataDir);
  if (canTraverse(dirname(wanted), account)) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return join(sharedTemp, `embedded-pg-data-${hash}`);
}

async function openPersistent({ dataDir, account, password, binaries, watchdog }) {
  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    await createPersistent({ dataDir, account, password, binaries, watchdog });
  }
  await checkVersion(dataDir, binaries);
  const stored = (await readFile(join(dataDir, passwordFile), 'utf8').catch(() => undefined)) ?? password;
  if (stored === undefined) throw new Error(`${dataDir} was not created by this launcher: its password is needed.`);
  if (password !== undefined && password !== stored) {
    throw new Error(`${dataDir} was created with another password. Use that one, or remove the directory.`);
  }
  return { dataDir, password: stored };
}

/** Made beside its place and renamed: an interrupted initdb leaves no half cluster there. */
async function createPersistent({ dataDir, account, password, binaries, watchdog }) {
  const present = await readdir(dataDir).catch(() => []);
  if (present.length > 0) throw new Error(`${dataDir} is not empty and holds no PostgreSQL cluster.`);
  await mkdir(dirname(dataDir), { recursive: true });
  const home = await mkdtemp(join(dirname(dataDir), `.${basename(dataDir)}-new-`));
  try {
    const secret = password ?? randomBytes(12).toString('hex');
    await initialise(home, secret, { account, binaries, watchdog, extra: [] });
    const stored = join(home, 'data', passwordFile);
    await writeFile(stored, secret, { mode: 0o600 });
    if (account) await chown(stored, account.uid, account.gid);
    await rename(join(home, 'data'), dataDir);
  } catch (error) {
    // Another launcher was faster: its cluster is as good, and starting it will tell whether it is in use.
    if (!existsSync(join(dataDir, 'PG_VERSION'))) throw error;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function initialise(home, password, { account, binaries, watchdog, extra }) {
  const dataDir = join(home, 'data');
  const secret = join(home, 'password');
  await mkdir(dataDir, { mode: 0o700 });
  await writeFile(secret, `${password}\n`, { mode: 0o600 });
  if (account) {
    for (const path of [home, dataDir, secret]) await chown(path, account.uid, account.gid);
  }
  await chmod(home, 0o700);
  await runInitdb({ account, binaries, watchdog, dataDir, args: [`--pwfile=${secret}`, ...extra] });
  await rm(secret);
}

function runInitdb({ account, binaries, watchdog, dataDir, args }) {
  // The same sort order everywhere, whatever locales the machine has.
  const locale = [
    '--locale=C',
    ...(binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
  ];
  const all = ['-D', dataDir, '-U', 'postgres', '-E', 'UTF8', '-A', 'scram-sha-256', ...locale, ...args];
  return new Promise((done, failed) => {
    const child = spawn(binaries.initdb, all, {
      ...asAccount(account),
      cwd: dataDir,
      env: cleanEnv(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    if (child.pid) watchdog.watch(child.pid, 'remove', dataDir);
    child.once('error', (error) => failed(new Error(`initdb: ${spawnHint(error, binaries.initdb)}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return done();
      failed(new Error(`initdb failed (${signal ?? code}): ${output.trim()}\n${ownServer}`));
    });
  });
}

async function checkVersion(dataDir, { major }) {
  const found = Number.parseInt(await readFile(join(dataDir, 'PG_VERSION'), 'utf8'), 10);
  if (found === major) return;
  throw new Error(
    `${dataDir} was made by PostgreSQL ${found}, these binaries are PostgreSQL ${major}. ` +
      'Remove the directory (its data will be lost), or point EMBEDDED_PG_DIR to the older binaries.',
  );
}

module.exports = { createThrowAway, openPersistent, persistentLocation };
