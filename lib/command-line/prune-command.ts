import { NestFactory } from '@nestjs/core';
import type { Type } from '@nestjs/common';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { JobsError } from '../errors/jobs.error.js';
import { OptionChecks } from '../options/option-checks.js';
import type { PruneCounts, PruneOptions } from '../operations/retention/prune-options.interface.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { commanded, type Command, type CommandedEngine } from './commanded-process.js';
import { nameList } from './name-list.js';

export const PRUNE_USAGE = `Usage: nestjs-jobs prune --module <file> [--export <name>] [flags]

Removes events that were emitted long ago and to which nothing refers any more, and dead letters. Open deliveries and jobs stay.
  --min-age-days <number>         age of events, in days; 0 for all. Default: 14
  --failed-min-age-days <number>  age of dead letters, in days; 0 for all. Default: what --min-age-days is
  --receivers <ids>               only dead letters of these, and events that went to none but these; * for any characters
  --data-source <name>            the data source to prune. Default: the default one, or the only one
  --dry-run                       counts alone
  --actor <text>                  who acts, for the audit. Default: nestjs-jobs prune
`;

const DAY = 24 * 3_600_000;
const MOST_DAYS = 36_500;

const OPTIONS = {
  'min-age-days': { type: 'string', default: '14' },
  'failed-min-age-days': { type: 'string' },
  receivers: { type: 'string', multiple: true },
  'data-source': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  actor: { type: 'string', default: 'nestjs-jobs prune' },
} as const satisfies ParseArgsConfig['options'];

const checks = new OptionChecks('nestjs-jobs prune');

/** What a prune was told on the command line. */
export interface PruneFlags {
  readonly options: PruneOptions;
  /** `undefined`: the only one, or the default one. */
  readonly dataSource: string | undefined;
}

/**
 * Reads the flags of a prune.
 *
 * @throws InvalidOptionError, JobsError naming the flag.
 */
export function parsePruneFlags(args: readonly string[]): PruneFlags {
  const { values } = parse(args);
  const failed = values['failed-min-age-days'];
  const receivers = nameList('--receivers', values.receivers, checks);
  return {
    options: {
      actor: values.actor,
      olderThan: days('--min-age-days', values['min-age-days']),
      ...(failed === undefined ? {} : { failedOlderThan: days('--failed-min-age-days', failed) }),
      ...(receivers === undefined ? {} : { receivers }),
      dryRun: values['dry-run'],
    },
    dataSource: values['data-source'],
  };
}

/** Prunes the tables of an application, which starts as a context that neither works nor registers its receivers. */
export async function prune(module: Type, { options, dataSource }: PruneFlags): Promise<PruneCounts> {
  const console = new ConsoleCommand();
  const application = await commanded(console, () =>
    NestFactory.createApplicationContext(module, { logger: ['error', 'fatal'], abortOnError: false }),
  );
  try {
    return await console.engine(dataSource).retention.prune(options);
  } finally {
    await application.close();
  }
}

/** Has an application start to be looked at, and acted on by hand. */
class ConsoleCommand implements Command {
  private readonly engines: CommandedEngine[] = [];

  options(resolved: ResolvedJobsOptions): ResolvedJobsOptions {
    return { ...resolved, worker: false, register: false, sweep: false };
  }

  joined(engine: CommandedEngine): void {
    this.engines.push(engine);
  }

  beforeWork(): void {
    // It does none.
  }

  engine(name: string | undefined): CommandedEngine {
    const known = this.engines.map(({ dataSource }) => dataSource);
    const found =
      name === undefined && this.engines.length === 1
        ? this.engines[0]
        : this.engines.find(({ dataSource }) => dataSource === (name ?? 'default'));
    if (found !== undefined) return found;
    throw checks.invalid(
      '--data-source',
      `a data source that JobsModule is set up for (${known.join(', ') || 'none is'})`,
      name,
    );
  }
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (error) {
    throw new JobsError(
      `nestjs-jobs prune: ${error instanceof Error ? error.message : String(error)}\n\n${PRUNE_USAGE}`,
    );
  }
}

function days(flag: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return checks.number(flag, Number(text), { min: 0, max: MOST_DAYS }) * DAY;
  throw checks.invalid(flag, 'a number of days of at least 0, written in digits', text);
}
