import type { ChaosOptions } from '../chaos-options.js';
import type { ChaosResult } from '../chaos-run.js';
import { livesOf } from '../checker/derived/life.js';
import { entriesOf, groupBy, type History } from '../history/history.js';
import { recoveryTimes } from './recovery-times.js';

/** Figures of one run, as they are kept. */
export interface Report {
  readonly date: string;
  readonly seed: number;
  readonly minutes: number;
  readonly workers: number;
  readonly emitters: number;
  readonly server: string;
  readonly node: string;
  readonly processes: { readonly started: number; readonly killed: number; readonly declaredDead: number };
  readonly emissions: { readonly committed: number; readonly rolledBack: number; readonly unknownToTheEmitter: number };
  readonly deliveries: number;
  readonly runs: number;
  readonly effects: number;
  readonly failures: number;
  readonly interruptions: number;
  readonly deadLetters: number;
  readonly jobs: { readonly completed: number; readonly expired: number };
  /** Milliseconds from the end of a process to the next claim of what it held. */
  readonly recovery: {
    readonly deliveries: number;
    readonly median: number;
    readonly p95: number;
    readonly longest: number;
  };
  readonly drainSeconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly rules: readonly { readonly rule: string; readonly promise: string; readonly violations: number }[];
}

export function reportOf({ history, verdicts }: ChaosResult, options: ChaosOptions, date: Date): Report {
  const recovered = recoveryTimes(history);
  return {
    date: date.toISOString(),
    seed: options.seed,
    minutes: options.minutes,
    workers: options.processes,
    emitters: options.emitters,
    server: history.server,
    node: process.version,
    processes: {
      started: livesOf(history).length,
      killed: entriesOf(history, 'process.ended').filter(({ how }) => how === 'SIGKILL').length,
      declaredDead: history.workerEnds.filter(({ state }) => state === 'dead').length,
    },
    emissions: emissionsOf(history),
    deliveries: history.steps.filter(({ what }) => what === 'insert').length,
    runs: entriesOf(history, 'run.began').length,
    effects: history.effects.length,
    failures: entriesOf(history, 'run.failed').length,
    interruptions: interruptionsOf(history),
    deadLetters: history.deadLetters.length,
    jobs: jobsOf(history),
    recovery: {
      deliveries: recovered.length,
      median: quantile(recovered, 0.5),
      p95: quantile(recovered, 0.95),
      longest: quantile(recovered, 1),
    },
    drainSeconds: drainSeconds(history),
    faults: faultsOf(history),
    rules: verdicts.map(({ rule, promise, violations }) => ({ rule, promise, violations: violations.length })),
  };
}

/** What a run came to, for whoever started it. */
export function describeReport(report: Report): string {
  const { rules: judged, faults, ...figures } = report;
  const lines = judged.map(
    ({ rule, violations }) =>
      `${violations === 0 ? 'holds ' : 'BROKEN'}  ${rule}${violations === 0 ? '' : `: ${violations}`}`,
  );
  return [JSON.stringify(figures, undefined, 2), `faults: ${JSON.stringify(faults)}`, ...lines].join('\n');
}

function emissionsOf(history: History): Report['emissions'] {
  const committed = new Set(history.emissions.map(({ id }) => id));
  const told = new Map(entriesOf(history, 'emit.told').map(({ emission, outcome }) => [emission, outcome]));
  const attempted = entriesOf(history, 'emit.attempted');
  return {
    committed: committed.size,
    rolledBack: attempted.filter(({ emission }) => !committed.has(emission)).length,
    unknownToTheEmitter: [...committed].filter((id) => told.get(id) !== 'committed').length,
  };
}

function interruptionsOf(history: History): number {
  return [...groupBy(history.steps, ({ delivery }) => delivery).values()]
    .map((steps) => Math.max(...steps.map(({ interruptions }) => interruptions)))
    .reduce((sum, number) => sum + number, 0);
}

function jobsOf(history: History): Report['jobs'] {
  const jobs = history.tables['jobs_job'] ?? [];
  return {
    completed: jobs.filter(({ status }) => status === 'completed').length,
    expired: jobs.filter(({ close_reason: reason }) => reason === 'expired').length,
  };
}

function faultsOf(history: History): Record<string, number> {
  const groups = groupBy(entriesOf(history, 'fault.struck'), ({ fault }) => fault);
  return Object.fromEntries([...groups].map(([fault, strikes]) => [fault, strikes.length] as const).sort());
}

function drainSeconds(history: History): number {
  const phases = entriesOf(history, 'phase');
  const [began, ended] = [phases.find(({ phase }) => phase === 'drain')?.at ?? 0, phases.at(-1)?.at ?? 0];
  return Math.round((ended - began) / 100) / 10;
}

function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
