// Mutation testing (Stryker) of the parts that decide, one after the other, each against the specs that are about it: npm run test:mutation
// [-- part …]. Occasional: minutes for each part. The scores are kept in test/mutation/scores.json, and RELIABILITY.md shows them.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Stryker } from '@stryker-mutator/core';
import pg from 'pg';

import { compile } from './compile.mjs';
import { startPostgres } from './embedded-postgres.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const scoresFile = join(root, 'test/mutation/scores.json');
const parts = JSON.parse(await readFile(join(root, 'test/mutation/parts.json'), 'utf8'));

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined)
  throw new Error(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.`);

const names = chosen.length === 0 ? Object.keys(parts) : chosen;
process.chdir(root);
// Parts that only compute are done without a server, and are much faster.
const server = names.some((name) => parts[name].database) ? await startPostgres() : undefined;
try {
  if (server !== undefined) process.env.DATABASE_URL = server.url();
  for (const name of names) {
    const begun = performance.now();
    const results = await mutate(parts[name]);
    const minutes = Math.round((performance.now() - begun) / 6_000) / 10;
    const score = { ...summary(results), minutes, date: new Date().toISOString().slice(0, 10) };
    console.log(name, score);
    await keep(name, score);
    if (server !== undefined) await dropDatabases(server.url());
  }
} finally {
  await server?.stop();
}
await compile();
createRequire(import.meta.url)('../.build/test/mutation/update-page.js');

/** @param {{ mutate: string[], specs: string[] }} part */
function mutate({ mutate, specs }) {
  return new Stryker({
    mutate,
    testRunner: 'jest',
    jest: {
      configFile: 'jest.mutation.config.js',
      // For a mutant Stryker tells Jest names of tests, but not of files: without this every spec there is would be loaded each time.
      config: {
        roots: [...new Set(specs.map((spec) => `<rootDir>/${posix.dirname(spec)}`))],
        testMatch: specs.map((spec) => `<rootDir>/${spec}`),
      },
      enableFindRelatedTests: false,
    },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 20_000,
    // Words of messages and names of statements are nobody's promise, and SQL with a hole in it says nothing about tests.
    mutator: { excludedMutations: ['StringLiteral'] },
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
  const [killed, timedOut, survived, uncovered] = ['Killed', 'Timeout', 'Survived', 'NoCoverage'].map(count);
  const found = killed + timedOut;
  const score = Math.round((1_000 * found) / (found + survived + uncovered)) / 10;
  return { score, killed, timedOut, survived, uncovered };
}

/** Reads the file again, which another run may have written meanwhile. */
async function keep(name, score) {
  const scores = { ...JSON.parse(await readFile(scoresFile, 'utf8').catch(() => '{}')), [name]: score };
  const inOrder = Object.fromEntries(
    Object.keys(parts).flatMap((part) => (part in scores ? [[part, scores[part]]] : [])),
  );
  await writeFile(scoresFile, `${JSON.stringify(inOrder, null, 2)}\n`);
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
