import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { LogLevel } from '@nestjs/common';
import { JobsError } from '../errors/jobs.error.js';
import type { JobsWorkerOptions } from '../options/jobs-module-options.interface.js';
import { OptionChecks } from '../options/option-checks.js';
import { checkLabel } from '../options/resolve-worker-options.js';
import { nameList } from './name-list.js';

export const WORKER_USAGE = `Usage: nestjs-jobs worker --module <file> [--export <name>] [flags]

Starts an application without HTTP, as a process that works.
  --receivers <ids>          receivers to work for, with commas between; * in an id stands for any characters. Default: *
  --exclude-receivers <ids>  receivers to leave to other processes
  --data-source <names>      data sources to work on, with commas between. Default: every one that JobsModule is set up for
  --concurrency <number>     runs of one receiver at once, where it does not say so itself
  --interval <duration>      how often to look for work nobody told of, such as 500ms or 5s
  --batch                    end when everything that is due is done
  --max-deliveries <number>  end after so many runs
  --worker-id <text>         what the process is called; no two that live have the same
  --no-startup-delay         begin at once, not within a second at random
  --log-level <level>        fatal, error, warn, log, debug or verbose. Default: log
  -v, --verbose              the same as --log-level debug; -vv as --log-level verbose
SIGTERM and SIGINT let runs end and hand back the rest; a second one hands back everything at once.
`;

/** How a worker's process is to work, as its command says. */
export interface WorkerFlags {
  /** What takes the place of options of the module. */
  readonly worker: JobsWorkerOptions;
  /** `undefined`: all. */
  readonly dataSources: readonly string[] | undefined;
  readonly untilIdle: boolean;
  readonly maxDeliveries: number | undefined;
  readonly startupDelay: boolean;
  readonly logLevels: LogLevel[];
}

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
const MOST = Number.MAX_SAFE_INTEGER;

const OPTIONS = {
  receivers: { type: 'string', multiple: true },
  'exclude-receivers': { type: 'string', multiple: true },
  'data-source': { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  interval: { type: 'string' },
  batch: { type: 'boolean', default: false },
  'max-deliveries': { type: 'string' },
  'worker-id': { type: 'string' },
  'no-startup-delay': { type: 'boolean', default: false },
  'log-level': { type: 'string' },
  verbose: { type: 'boolean', short: 'v', multiple: true },
} as const satisfies ParseArgsConfig['options'];

const checks = new OptionChecks('nestjs-jobs worker');

/**
 * Reads the flags of a worker's process.
 *
 * @throws InvalidOptionError, DurationError, JobsError naming the flag.
 */
export function parseWorkerFlags(args: readonly string[]): WorkerFlags {
  const { values } = parse(args);
  const { interval, concurrency } = values;
  const receivers = nameList('--receivers', values.receivers, checks);
  const excludeReceivers = nameList('--exclude-receivers', values['exclude-receivers'], checks);
  const label = values['worker-id'];
  return {
    worker: {
      ...(receivers === undefined ? {} : { receivers }),
      ...(excludeReceivers === undefined ? {} : { excludeReceivers }),
      ...(concurrency === undefined ? {} : { concurrency: count('--concurrency', concurrency, 10_000) }),
      ...(interval === undefined ? {} : { pollInterval: duration('--interval', interval) }),
      ...(label === undefined ? {} : { label: checkLabel('--worker-id', label, checks) }),
    },
    dataSources: nameList('--data-source', values['data-source'], checks),
    untilIdle: values.batch,
    maxDeliveries:
      values['max-deliveries'] === undefined ? undefined : count('--max-deliveries', values['max-deliveries']),
    startupDelay: !values['no-startup-delay'],
    logLevels: logLevels(values['log-level'], values.verbose?.length ?? 0),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (error) {
    throw new JobsError(
      `nestjs-jobs worker: ${error instanceof Error ? error.message : String(error)}\n\n${WORKER_USAGE}`,
    );
  }
}

function count(flag: string, text: string, max = MOST): number {
  if (/^\d{1,16}$/.test(text)) return checks.integer(flag, Number(text), { min: 1, max });
  throw checks.invalid(flag, 'an integer of at least 1, written in digits', text);
}

/** With a unit: what is a second to one is a millisecond to another. */
function duration(flag: string, text: string): number {
  if (/^\d+(\.\d+)?\s*[a-z]+$/i.test(text)) return checks.duration(flag, text, { min: 10, max: 2 ** 31 - 1 });
  throw checks.invalid(flag, 'a duration with its unit, such as 500ms or 5s', text);
}

function logLevels(level: string | undefined, verbosity: number): LogLevel[] {
  if (level !== undefined && verbosity > 0)
    throw checks.invalid('--log-level', 'left out where -v is given, which is the same in short', level);
  const asked = level ?? (verbosity === 0 ? 'log' : verbosity === 1 ? 'debug' : 'verbose');
  return LEVELS.slice(0, LEVELS.indexOf(checks.oneOf('--log-level', asked, LEVELS)) + 1);
}
