#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { JobsError } from '../errors/jobs.error.js';
import { jobsMigrationSql } from '../schema/jobs-migration-sql.js';
import { loadApplicationModule } from './application-module.js';
import { parsePruneFlags, prune, PRUNE_USAGE } from './prune-command.js';
import { runWorker } from './run-worker.js';
import { parseWorkerFlags, WORKER_USAGE } from './worker-flags.js';

const MIGRATION_USAGE = `Usage: nestjs-jobs migration-sql [--schema <name>] [--from <version>] [--to <version>] [--down]

Prints the migrations of the tables as SQL.
  --schema  schema of the tables, as given to JobsModule
  --from    version the tables are at: 0, or with --down the newest, unless given
  --to      version to end at: the newest, or with --down the one below --from, unless given
  --down    takes versions back
`;

/** A command of the command line. */
interface NamedCommand {
  readonly usage: string;
  run(args: readonly string[]): Promise<void> | void;
}

const COMMANDS: Readonly<Record<string, NamedCommand>> = {
  worker: { usage: WORKER_USAGE, run: worker },
  prune: { usage: PRUNE_USAGE, run: pruneByHand },
  'migration-sql': { usage: MIGRATION_USAGE, run: migrationSql },
};

async function worker(args: readonly string[]): Promise<void> {
  const { file, name, rest } = moduleFlags(args);
  parseWorkerFlags(rest);
  await runWorker(await loadApplicationModule('worker', file, name), rest);
}

async function pruneByHand(args: readonly string[]): Promise<void> {
  const { file, name, rest } = moduleFlags(args);
  const flags = parsePruneFlags(rest);
  const { events, deadLetters } = await prune(await loadApplicationModule('prune', file, name), flags);
  const verb = flags.options.dryRun === true ? 'would be pruned' : 'pruned';
  process.stdout.write(`events ${verb}: ${events}\ndead letters ${verb}: ${deadLetters}\n`);
}

function migrationSql(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      schema: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      down: { type: 'boolean', default: false },
    },
  });
  process.stdout.write(
    jobsMigrationSql({
      direction: values.down ? 'down' : 'up',
      ...(values.schema === undefined ? {} : { schema: values.schema }),
      ...(values.from === undefined ? {} : { from: Number(values.from) }),
      ...(values.to === undefined ? {} : { to: Number(values.to) }),
    }),
  );
}

/** Where the application is, and what is left for the command itself. */
function moduleFlags(args: readonly string[]): { file?: string; name?: string; rest: readonly string[] } {
  const found: Record<string, string> = {};
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, flag, value] = /^--(module|export)(?:=(.*))?$/s.exec(args[index] ?? '') ?? [];
    if (flag === undefined) rest.push(args[index] ?? '');
    else found[flag] = value ?? args[(index += 1)] ?? '';
  }
  return {
    ...(found['module'] === undefined ? {} : { file: found['module'] }),
    ...(found['export'] === undefined ? {} : { name: found['export'] }),
    rest,
  };
}

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const usages = Object.values(COMMANDS).map(({ usage }) => usage);
  const command = Object.entries(COMMANDS).find(([known]) => known === name)?.[1];
  if (name === '--help' || name === '-h') process.stdout.write(usages.join('\n'));
  else if (command === undefined) throw new JobsError(usages.join('\n').trimEnd());
  else if (args.includes('--help') || args.includes('-h')) process.stdout.write(command.usage);
  else await command.run(args);
}

// A connection that is still open must not keep a process whose command has failed.
main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
});
