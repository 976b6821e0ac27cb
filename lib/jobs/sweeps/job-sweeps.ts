import { Injectable } from '@nestjs/common';
import { OptionChecks } from '../../options/option-checks.js';
import { isJobFact } from '../facts/job-fact.js';
import { JobTally } from '../insight/tally/job-tally.js';
import { SYSTEM } from '../model/principal.js';
import { jobTransitions } from '../store/job-transitions.js';
import type { JobSweepName } from '../store/job-store.port.js';
import { SWEEP_BATCH } from '../store/job.statements.js';
import { JobChanges } from '../verbs/job-changes.js';
import { ConditionSweep } from './condition-sweep.js';
import { TargetSweep } from './target-sweep.js';

/**
 * What one run of the sweeps did, in jobs.
 *
 * @publicApi
 */
export interface JobSweepCounts {
  /** Cancelled because their time was over. */
  readonly expired: number;
  /** Noticed to be due. */
  readonly due: number;
  /** Freed of a claim that lapsed. */
  readonly lapsed: number;
  /** Back from a snooze. */
  readonly resumed: number;
  /** Completed because their condition holds. */
  readonly done: number;
  /** Cancelled because their target is gone. */
  readonly targetGone: number;
}

/**
 * How a sweep is carried out.
 *
 * @publicApi
 */
export interface JobSweepOptions {
  /** Ends the sweep after the batch it is at. */
  readonly signal?: AbortSignal;
}

const NEVER = new AbortController().signal;

/**
 * Does what is due by the time alone. The module does so regularly, see its option `sweep`; this is for doing it by hand.
 *
 * Any number of processes may sweep at once: they take different jobs, in batches, each batch in a transaction with its history and
 * events, and what one of them has done the others find done.
 *
 * @publicApi
 */
@Injectable()
export class JobSweeps {
  constructor(
    private readonly changes: JobChanges,
    private readonly conditions: ConditionSweep,
    private readonly targets: TargetSweep,
    private readonly tally: JobTally,
  ) {}

  /**
   * Cancels every job that has expired, with reason `expired`.
   *
   * @returns how many were cancelled by this call.
   */
  async expire(options: JobSweepOptions = {}): Promise<number> {
    const signal = signalOf('expire', options);
    return this.sweep('expire', { closeReason: 'expired', outcome: null }, signal);
  }

  /** Does everything: expiry, due times, lapsed claims and snoozes, a part of the jobs' conditions and targets each time, and the tally that figures are read from. */
  async run(options: JobSweepOptions = {}): Promise<JobSweepCounts> {
    const signal = signalOf('run', options);
    // Mostly nothing is due, which one statement tells; each sweep takes a transaction.
    const found = await this.changes.outside((connection) => this.changes.store.sweepsDue(connection));
    const expired = found.includes('expire') ? await this.expire({ signal }) : 0;
    const due = found.includes('noticeDue') ? await this.sweep('noticeDue', {}, signal) : 0;
    const lapsed = found.includes('lapse') ? await this.sweep('lapse', {}, signal) : 0;
    const resumed = found.includes('wake') ? await this.sweep('wake', {}, signal) : 0;
    const done = await this.conditions.run(signal);
    const targetGone = await this.targets.run(signal);
    if (!signal.aborted) await this.forget();
    await this.tally.fold(signal);
    return { expired, due, lapsed, resumed, done, targetGone };
  }

  private async sweep(
    name: JobSweepName,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<number> {
    let swept = 0;
    while (!signal.aborted) {
      const batch = await this.batch(name, input);
      swept += batch;
      if (batch < SWEEP_BATCH) break;
    }
    return swept;
  }

  private async batch(name: JobSweepName, input: Readonly<Record<string, unknown>>): Promise<number> {
    return this.changes.ownTransaction(async ({ manager, connection }) => {
      const jobs = await this.changes.store.sweep(connection, name, input, SYSTEM);
      const { action } = jobTransitions[name];
      if (isJobFact(action)) await this.changes.facts.tell(manager, connection, action, jobs, SYSTEM);
      return jobs.length;
    });
  }

  private async forget(): Promise<void> {
    await this.changes.outside((connection) => this.changes.store.forget(connection));
  }
}

function signalOf(verb: string, options: JobSweepOptions): AbortSignal {
  const checks = new OptionChecks(`JobSweeps.${verb}`);
  return checks.signal(checks.object('', options, ['signal'])['signal']) ?? NEVER;
}
