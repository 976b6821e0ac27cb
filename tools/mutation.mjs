// Mutation testing (Stryker) of the parts that decide, one after the other, each against the specs that are about it: npm run test:mutation
// [-- part …]. Occasional: minutes for each part. The summary is kept in test/mutation/report.json.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Stryker } from '@stryker-mutator/core';
import pg from 'pg';

import { startPostgres } from './embedded-postgres.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const reportFile = join(root, 'test/mutation/report.json');
const parts = JSON.parse(await readFile(join(root, 'test/mutation/parts.json'), 'utf8'));

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined)
  throw new Error(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.`);

const names = chosen.length === 0 ? Object.keys(parts) : chosen;
// Parts that only compute are done without a server, and are much faster.
const server = names.some((name) => parts[name].database) ? await startPostgres() : undefined;
try {
  if (server !== undefined) process.env.DATABASE_URL = server.url();
  process.chdir(root);
  const report = JSON.parse(await readFile(reportFile, 'utf8').catch(() => '{}'));
  for (const name of names) {
    report[name] = summary(await mutate(parts[name]));
    console.log(name, report[name]);
    await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
    if (server !== undefined) await dropDatabases(server.url());
  }
} finally {
  await server?.stop();
}

/** @param {{ mutate: string[], specs: string[], strings?: boolean }} part */
function mutate({ mutate, specs, strings = false }) {
  return new Stryker({
    mutate,
    testRunner: 'jest',
    jest: { configFile: 'jest.mutation.config.js', enableFindRelatedTests: false },
    testFiles: specs,
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 30_000,
    // Words of messages and names of statements are nobody's promise, and SQL with a hole in it says nothing about tests.
    mutator: { excludedMutations: strings ? [] : ['StringLiteral'] },
    ignoreStatic: true,
    reporters: ['clear-text'],
    clearTextReporter: { allowColor: false, logTests: false, reportScoreTable: false },
    tempDirName: '.build/stryker',
    ignorePatterns: ['.build', 'dist', 'bench', 'sample', 'docs', 'coverage', '.data'],
    checkers: [],
    disableTypeChecks: false,
    allowConsoleColors: false,
    logLevel: 'warn',
  }).runMutationTest();
}

function summary(results) {
  const count = (status) => results.filter((result) => result.status === status).length;
  const killed = count('Killed') + count('Timeout');
  const survived = count('Survived');
  const uncovered = count('NoCoverage');
  const score = Math.round((1_000 * killed) / (killed + survived + uncovered)) / 10;
  return { score, killed, survived, uncovered, date: new Date().toISOString().slice(0, 10) };
}

/** Databases of specs that a mutant broke off. */
async function dropDatabases(url) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query("select datname from pg_database where datname like 'test\\_%'");
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await client.end();
  }
}
