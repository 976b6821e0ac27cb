import 'reflect-metadata';

import { join } from 'node:path';

import { startPostgres } from '../../tools/embedded-postgres.mjs';
import { runMain } from '../run-main.js';
import { startAtMost } from './at-most.js';
import { CrashExperiment } from './crash/crash-experiment.js';
import { verdictOn } from './crash/crash-trial.js';
import { type Trouble, TROUBLES } from './crash/trouble.js';
import { type Way, WAYS } from './crash/way.js';
import { createOwnDatabase } from './database/own-database.js';
import { tableRow, tableRule } from './table.js';

const INTRODUCTION = `
A webhook says that a payment succeeded, so its order must be completed. Three ways to tell the order, each in processes of their own
that are killed with SIGKILL at the given point. Then life goes on: the provider, if it got no good answer, sends its notice again, and
a worker is started, which waits a few seconds before it takes over from one that died. This takes up to a minute.
`;

const ROWS_AT_ONCE = 3;
const ways = Object.keys(WAYS) as Way[];
const troubles = Object.keys(TROUBLES) as Trouble[];

/** `npm run demo:crash` */
async function main(): Promise<void> {
  console.log(INTRODUCTION);
  const server = process.env.DATABASE_URL ? undefined : await startPostgres();
  try {
    const fine = await compare(process.env.DATABASE_URL ?? server?.url() ?? '');
    if (!fine) process.exitCode = 1;
  } finally {
    await server?.stop();
  }
}

/** @returns whether the reliable way coped with everything. */
async function compare(serverUrl: string): Promise<boolean> {
  console.log(tableRow(['', ...ways.map((way) => WAYS[way])]));
  console.log(tableRule(ways.length + 1));
  let fine = true;
  const rows = startAtMost(
    ROWS_AT_ONCE,
    troubles.map((trouble) => async () => compareIn(trouble, serverUrl)),
  );
  for (const row of rows) {
    const { trouble, verdicts } = await row;
    console.log(tableRow([TROUBLES[trouble], ...verdicts.map(({ text }) => text)]));
    fine &&= verdicts[ways.indexOf('reliable')]?.fine === true;
  }
  return fine;
}

/** One trouble in each of the ways, in a database of its own: other workers must not meddle. */
async function compareIn(trouble: Trouble, serverUrl: string) {
  const database = await createOwnDatabase(serverUrl, 'jobs_demo');
  try {
    const childScript = join(__dirname, 'crash', 'crash-child.js');
    const experiment = await CrashExperiment.open({ databaseUrl: database.url, childScript });
    try {
      const trials = await Promise.all(ways.map((way) => experiment.run(way, trouble)));
      return { trouble, verdicts: trials.map(verdictOn) };
    } finally {
      await experiment.close();
    }
  } finally {
    await database.drop();
  }
}

runMain(main);
