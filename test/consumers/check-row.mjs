// What is asked of every row.
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { createApplication, testCommand } from './application.mjs';
import { installNode, installPackages } from './installation.mjs';
import { run } from './run.mjs';

/**
 * @param {import('./matrix.mjs').Row} row
 * @param {{ root: string, tarball: string, server: { url(database?: string): string }, say: (line: string) => void }} context
 */
export async function checkRow(row, { root, tarball, server, say }) {
  const packages = await timed(say, 'packages', () => installPackages(row, tarball));
  const node = await timed(say, 'node', () => installNode(row));
  const folder = await createApplication(row, packages);
  const compiler = join(packages, 'node_modules/typescript/bin/tsc');
  const main = await createDatabase(server, `${row.name}-main`);
  const suite = await createDatabase(server, `${row.name}-suite`);
  const step = (what, args, url, options = {}) =>
    timed(say, what, () => run(what, node, args, { cwd: folder, env: { DATABASE_URL: url }, ...options }));

  await step('types', [compiler]);
  await copyIntoPackage(join(root, 'tools/smoke.mjs'), packages);
  await step('one copy of every class', [join(packages, 'node_modules/nestjs-jobs/tools/smoke.mjs')]);
  await step('happy path', ['dist/src/main.js', 'happy'], main);
  await step('one copy of every provider', ['one-copy.mjs'], main);
  await step('killed after the commit', ['dist/src/main.js', 'die after the commit'], main, { killed: true });
  await step('killed in a receiver', ['dist/src/main.js', 'die in a receiver'], main, { killed: true });
  await step('recovery', ['dist/src/main.js', 'recover'], main);
  await step(`tests by ${row.runner}`, testCommand(row, packages), suite);
}

/**
 * Whether processes of a previous version go on while and after the tables are migrated to this one, as in every deploy.
 *
 * @param {import('./matrix.mjs').Row} row
 * @param {{ tarball: string, previous: string, server: { url(database?: string): string }, say: (line: string) => void }} context
 */
export async function checkUpgrade(row, { tarball, previous, server, say }) {
  const node = await installNode(row);
  const applications = {};
  for (const [age, packed, kind] of [
    ['old', previous, 'previous'],
    ['new', tarball, 'packages'],
  ]) {
    const packages = await timed(say, `packages of the ${age} one`, () => installPackages(row, packed, kind));
    applications[age] = await createApplication(row, packages);
    const compiler = join(packages, 'node_modules/typescript/bin/tsc');
    await timed(say, `build of the ${age} one`, () =>
      run('tsc', node, [compiler, '--skipLibCheck'], { cwd: applications[age] }),
    );
  }
  const loaded = await createDatabase(server, `${row.name}-loaded`);
  const main = await createDatabase(server, `${row.name}-upgraded`);
  const step = (age, mode, url, options = {}) =>
    timed(say, `${age}: ${mode}`, () =>
      run(mode, node, ['dist/src/main.js', mode], { cwd: applications[age], env: { DATABASE_URL: url }, ...options }),
    );

  await step('old', 'migrate', loaded);
  let migration;
  await step('old', 'work through a migration', loaded, {
    onOutput: (output) => {
      if (output.includes('working')) migration ??= step('new', 'migrate', loaded);
    },
  });
  await migration;
  await step('old', 'happy', main);
  await step('new', 'migrate', main);
  await step('old', 'die after the commit', main, { killed: true });
  await step('new', 'die in a receiver', main, { killed: true });
  await step('old', 'recover', main);
  await step('new', 'recover', main);
}

async function timed(say, what, work) {
  const started = performance.now();
  const result = await work();
  say(`  ${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

async function createDatabase(server, name) {
  const client = new pg.Client(server.url());
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name.slice(0, 63))}`);
  } finally {
    await client.end();
  }
  return server.url(name.slice(0, 63));
}

/** The check loads the package by its name from within, as the package itself may. */
async function copyIntoPackage(file, packages) {
  const folder = join(packages, 'node_modules/nestjs-jobs/tools');
  await mkdir(folder, { recursive: true });
  await copyFile(file, join(folder, 'smoke.mjs'));
}
