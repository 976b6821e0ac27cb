#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { JobsError } from '../errors/jobs.error.js';
import { jobsMigrationSql } from '../schema/jobs-migration-sql.js';

const USAGE = `Usage: nestjs-jobs migration-sql [--schema <name>] [--from <version>] [--to <version>] [--down]

Prints the migrations of the tables as SQL.
  --schema  schema of the tables, as given to JobsModule
  --from    version the tables are at: 0, or with --down the newest, unless given
  --to      version to end at: the newest, or with --down the one below --from, unless given
  --down    takes versions back
`;

function main(args: readonly string[]): void {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      schema: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      down: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (positionals.join(' ') !== 'migration-sql') throw new JobsError(USAGE.trimEnd());
  process.stdout.write(
    jobsMigrationSql({
      direction: values.down ? 'down' : 'up',
      ...(values.schema === undefined ? {} : { schema: values.schema }),
      ...(values.from === undefined ? {} : { from: Number(values.from) }),
      ...(values.to === undefined ? {} : { to: Number(values.to) }),
    }),
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
