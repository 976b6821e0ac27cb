import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lifecycle } from '../engine/lifecycle/lifecycle.service.js';
import type { WorkerHost } from '../engine/worker/worker-host.js';
import type { Retention } from '../operations/retention/retention.service.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';

/** What a command reaches of the engine of one data source. */
export interface CommandedEngine {
  readonly dataSource: string;
  /** Ids of the receivers the application has on it. */
  readonly receivers: readonly string[];
  readonly lifecycle: Lifecycle;
  readonly workerHost: WorkerHost;
  readonly retention: Retention;
}

/** A command in whose name an application starts. */
export interface Command {
  /** The options of one data source, as the command has them. */
  options(resolved: ResolvedJobsOptions): ResolvedJobsOptions;
  /** An engine is ready, and works not yet. */
  joined(engine: CommandedEngine): void;
  /**
   * Every engine has joined, and work is about to begin.
   *
   * @throws when the command asks for what is not there.
   */
  beforeWork(): void;
}

const process = new AsyncLocalStorage<Command>();

/** Runs `work`; applications that start within it do as the command says. */
export function commanded<Result>(command: Command, work: () => Promise<Result>): Promise<Result> {
  return process.run(command, work);
}

/** The command in whose name the application starts here, if any. */
export function presentCommand(): Command | undefined {
  return process.getStore();
}
