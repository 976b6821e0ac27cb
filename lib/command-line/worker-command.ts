import { closestName } from '../options/closest-name.js';
import { JobsError } from '../errors/jobs.error.js';
import { matchesReceiver } from '../engine/receivers/receiver-selection.js';
import type { WorkTerm } from '../engine/worker/work-term.js';
import { escapeForLog } from '../engine/text/escape-for-log.js';
import type { ResolvedJobsOptions, ResolvedWorkerOptions } from '../options/resolved-jobs-options.js';
import { resolveWorker } from '../options/resolve-worker-options.js';
import type { Command, CommandedEngine } from './commanded-process.js';
import type { WorkerFlags } from './worker-flags.js';
import { WorkerLines } from './worker-lines.js';

/** Has an application work as the flags of its command say. */
export class WorkerCommand implements Command {
  readonly engines: CommandedEngine[] = [];
  private readonly lines = new WorkerLines();
  private readonly idle = new Set<string>();
  private isStopping = false;
  private startedRuns = 0;
  private endedRuns = 0;
  private enough: () => void = () => undefined;
  /** Resolves when it has worked as long as it was to. */
  readonly done = new Promise<void>((resolve) => (this.enough = resolve));

  constructor(private readonly flags: WorkerFlags) {}

  options(resolved: ResolvedJobsOptions): ResolvedJobsOptions {
    return { ...resolved, worker: this.worksOn(resolved.dataSource) ? this.worker(resolved) : false };
  }

  joined(engine: CommandedEngine): void {
    this.engines.push(engine);
    this.lines.follow(engine.lifecycle);
  }

  beforeWork(): void {
    const { dataSources, worker } = this.flags;
    const known = this.engines.map(({ dataSource }) => dataSource);
    for (const name of dataSources ?? []) if (!known.includes(name)) throw new JobsError(noDataSource(name, known));
    const ids = this.working.flatMap(({ receivers }) => receivers);
    for (const pattern of [...(worker.receivers ?? []), ...(worker.excludeReceivers ?? [])]) {
      if (pattern !== '*' && !ids.some((id) => matchesReceiver(pattern, id)))
        throw new JobsError(noReceiver(pattern, ids));
    }
  }

  /** Its process was told to end. */
  stopping(signal: string): void {
    // From here on nothing starts, however long the application takes to come to its worker.
    this.isStopping = true;
    this.lines.stops('STOPPING', signal);
  }

  /** Its process was told so again: has every run aborted and handed back at once. */
  force(signal: string): void {
    this.lines.stops('FORCED', signal);
    for (const { workerHost } of this.engines) workerHost.force();
  }

  private get working(): readonly CommandedEngine[] {
    return this.engines.filter(({ dataSource }) => this.worksOn(dataSource));
  }

  private worksOn(dataSource: string): boolean {
    return this.flags.dataSources?.includes(dataSource) ?? true;
  }

  /** A process that only emits by its own options works when it is told to. */
  private worker({ dataSource, worker }: ResolvedJobsOptions): ResolvedWorkerOptions {
    const asked = resolveWorker(this.flags.worker);
    const given = Object.keys(this.flags.worker) as (keyof ResolvedWorkerOptions)[];
    const own = worker === false ? resolveWorker({}) : worker;
    return {
      ...own,
      ...Object.fromEntries(given.map((option) => [option, asked[option]])),
      term: this.termOf(dataSource),
    };
  }

  private termOf(dataSource: string): WorkTerm {
    const { maxDeliveries = Infinity, untilIdle, worker } = this.flags;
    return {
      mayStart: () => !this.isStopping && this.startedRuns < maxDeliveries,
      begins: (id, receivers) => this.lines.begins({ id, label: worker.label, dataSource, receivers }),
      started: () => {
        this.startedRuns += 1;
        this.idle.clear();
      },
      putOff: (count) => {
        this.startedRuns -= count;
      },
      ended: () => {
        this.endedRuns += 1;
        if (this.endedRuns >= maxDeliveries) this.enough();
      },
      idle: () => {
        this.idle.add(dataSource);
        if (untilIdle && this.idle.size === this.working.length) this.enough();
      },
    };
  }
}

function noDataSource(name: string, known: readonly string[]): string {
  return (
    `nestjs-jobs worker: option --data-source names "${escapeForLog(name)}", which JobsModule is not set up for in this application. ` +
    hint(name, known)
  );
}

function noReceiver(pattern: string, ids: readonly string[]): string {
  return `nestjs-jobs worker: no receiver of this application is meant by "${escapeForLog(pattern)}". ${hint(pattern, ids)}`;
}

function hint(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === undefined ? `Known here: ${[...known].sort().join(', ')}.` : `Did you mean ${closest}?`;
}
