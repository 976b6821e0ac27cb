import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobsError } from '../errors/jobs.error.js';
import { commanded } from './commanded-process.js';
import { WorkerCommand } from './worker-command.js';
import { parseWorkerFlags } from './worker-flags.js';

type CreateContext = typeof NestFactory.createApplicationContext;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 };
const STARTUP_DELAY = 1_000;
/** Milliseconds that what is handed back at once may take to be written. */
const FORCED_LIMIT = 5_000;

/**
 * Runs an application as a process that works: without HTTP, until SIGTERM or SIGINT, on which it lets runs end and hands back the rest. A
 * second signal aborts them and hands them back at once. Ends the process: with 0, after a second signal with 128 and its number, and with 1
 * when the application does not start.
 *
 * What the flags say takes the place of the `worker` options of `JobsModule`; one that only emits by them works here.
 *
 * @param module the application's root module.
 * @param args the flags; those of the process by default. `npx nestjs-jobs worker --help` lists them.
 * @param options those of `NestFactory.createApplicationContext`; its log has the levels of `--log-level` unless they say otherwise.
 * @throws InvalidOptionError, DurationError, JobsError naming the flag that cannot be used.
 * @publicApi
 */
export async function runWorker(
  module: Parameters<CreateContext>[0],
  args: readonly string[] = process.argv.slice(2),
  options: NonNullable<Parameters<CreateContext>[1]> = {},
): Promise<never> {
  const flags = parseWorkerFlags(args);
  const command = new WorkerCommand(flags);
  const signals = new ShutdownSignals();
  if (flags.startupDelay) await Promise.race([delayStart(), signals.first]);
  if (signals.count > 0) process.exit(0);
  const settings = Object.assign({ logger: flags.logLevels }, options, { abortOnError: false });
  const application = await commanded(command, () => NestFactory.createApplicationContext(module, settings));
  if (command.engines.length === 0) throw new JobsError(NO_ENGINE);
  await Promise.race([command.done, signals.first.then((signal) => command.stopping(signal))]);
  const closing = application.close();
  const forced = signals.second.then((signal) => command.force(signal)).then(() => sleep(FORCED_LIMIT));
  await Promise.race([closing, forced]);
  process.exit(signals.forcedBy === undefined ? 0 : EXIT_CODES[signals.forcedBy]);
}

const NO_ENGINE =
  'nestjs-jobs worker: the application has no JobsModule of this copy of nestjs-jobs. Import JobsModule.forRoot() in its root module; ' +
  'where the application is bundled, call runWorker(AppModule) in an entry of its own, so that both use one copy.';

/** Workers that are deployed together do not all begin in the same moment. */
async function delayStart(): Promise<void> {
  const delay = Math.round(Math.random() * STARTUP_DELAY);
  new Logger('Worker').log(`Begins in ${delay} ms; --no-startup-delay has it begin at once`);
  await sleep(delay);
}

type ShutdownSignal = (typeof SIGNALS)[number];

/** The signals that tell a process to end, one after another. */
class ShutdownSignals {
  count = 0;
  /** The second one, once it has come. */
  forcedBy: ShutdownSignal | undefined;
  private heard: ((signal: ShutdownSignal) => void)[] = [];
  readonly first = this.next();
  readonly second = this.next();

  constructor() {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        this.count += 1;
        if (this.count === 2) this.forcedBy = signal;
        const hear = this.heard.shift();
        // Whoever sends a third one has waited long enough.
        if (hear === undefined) process.exit(EXIT_CODES[signal]);
        else hear(signal);
      });
    }
  }

  private next(): Promise<ShutdownSignal> {
    return new Promise((resolve) => {
      this.heard.push(resolve);
    });
  }
}
