import { Injectable } from '@nestjs/common';
import type { JobTypeDefinition } from '../types/job-type-definition.js';
import type { JobChanges } from '../verbs/job-changes.js';
import { DAY, InsightChecks } from './insight-checks.js';
import type {
  CompletionFigures,
  FlowFigures,
  FunnelFigures,
  PendingFigures,
  StalledPage,
  TimeToCompleteFigures,
  WorkloadPage,
} from './insight-figures.interface.js';
import type {
  CompletionOptions,
  FlowOptions,
  FunnelOptions,
  PendingOptions,
  StalledOptions,
  TimeToCompleteOptions,
  WorkloadOptions,
} from './insight-options.interface.js';
import type { InsightStore } from './insight-store.js';
import type { JobTally } from './tally/job-tally.js';
import { loadPosition, stalledPosition, toStalledPage, toWorkloadPage } from './insight-pages.js';
import { toCompletion, toFunnel, toPending, toTimeToComplete } from './insight-results.js';

const DEFAULT_BOUNDS = ['1h', '1d', '3d', '7d', '30d'];
const DEFAULT_WITHIN = '7d';
const MOST_DAYS = 3_650;
const PLAN_LENGTH = 255;

/**
 * Answers where people stall: what is pending and for how long, how much of it gets done and in what time, and who has it to do.
 *
 * Times are those of the database. Within a `manager`'s transaction all figures are about one moment: its beginning. Like `JobsService`
 * this is the application itself; who may see figures is for the caller to decide.
 *
 * @publicApi
 */
@Injectable()
export class JobInsight {
  constructor(
    private readonly changes: JobChanges,
    private readonly store: InsightStore,
    private readonly tally: JobTally,
  ) {}

  /**
   * What is pending of each type, and how old it is: mean, percentiles, the oldest, and how many are in each age column.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async pending(options: PendingOptions = {}): Promise<PendingFigures> {
    const checks = this.checks('pending');
    const scope = checks.scope(options, ['bounds']);
    const bounds = checks.bounds(options.bounds ?? DEFAULT_BOUNDS);
    const answer = await this.changes.reading(options, (connection) => this.store.pending(connection, scope, bounds));
    return toPending(answer, bounds, scope.types, this.changes.types);
  }

  /**
   * For each week, how many of the jobs created in it were completed within a fixed time after their creation.
   *
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   */
  async completion(options: CompletionOptions = {}): Promise<CompletionFigures> {
    const checks = this.checks('completion');
    const scope = checks.scope(options, ['within', 'weeks', 'timeZone']);
    const days = checks.days('within', options.within ?? DEFAULT_WITHIN, MOST_DAYS);
    const weeks = checks.integer('weeks', options.weeks ?? 12, { min: 1, max: 520 });
    const timeZone = checks.timeZone(options.timeZone ?? 'UTC');
    const input = { days, weeks, timeZone };
    const answer = await this.changes.reading(options, (connection) => this.store.completion(connection, scope, input));
    return { at: answer.at, within: days * DAY, timeZone, types: toCompletion(answer.figures) };
  }

  /**
   * How long jobs take from creation to completion: the median that takes open jobs into account (Kaplan-Meier), beside the naive one of
   * those completed, which is too short as long as others are open.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async timeToComplete(options: TimeToCompleteOptions = {}): Promise<TimeToCompleteFigures> {
    const checks = this.checks('timeToComplete');
    const scope = checks.scope(options, ['created', 'points']);
    const span = checks.span(options.created);
    const points = checks.integer('points', options.points ?? 100, { min: 2, max: 1_000 });
    const answer = await this.changes.reading(options, (connection) =>
      this.store.timeToComplete(connection, scope, span, points),
    );
    return { at: answer.at, types: answer.figures.map(toTimeToComplete) };
  }

  /**
   * How far subjects came in a plan: who reached each step, is done with it, stands there now or was lost, and what share went on.
   *
   * @param plan name of the plan, as the types of its steps declare it.
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async funnel(plan: string, options: FunnelOptions = {}): Promise<FunnelFigures> {
    const checks = this.checks('funnel');
    checks.options(options, ['manager', 'tenant', 'created']);
    checks.words('plan', plan, PLAN_LENGTH);
    const steps = this.stepsOf(plan);
    const order = [...new Set(steps.flatMap(({ step }) => step ?? []))];
    const input = {
      plan,
      types: steps.map(({ name }) => name),
      places: steps.map(({ step }) => (step === null ? null : order.indexOf(step) + 1)),
      tenant: checks.tenant(options.tenant),
      ...checks.span(options.created),
    };
    const answer = await this.changes.reading(options, (connection) => this.store.funnel(connection, input));
    return toFunnel(answer, plan, steps);
  }

  /**
   * One page of the pending jobs that are older than a threshold, the oldest first.
   *
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   */
  async stalled(options: StalledOptions): Promise<StalledPage> {
    const checks = this.checks('stalled');
    const scope = checks.scope(options, ['olderThan', 'plan', 'after', 'limit']);
    const limit = checks.limit(options.limit);
    const input = {
      olderThan: checks.ahead('olderThan', options.olderThan),
      plan: options.plan === undefined ? null : checks.words('plan', options.plan, PLAN_LENGTH),
      after: stalledPosition(options.after, checks),
      limit: limit + 1,
    };
    const answer = await this.changes.reading(options, (connection) => this.store.stalled(connection, scope, input));
    return toStalledPage(answer, limit);
  }

  /**
   * Jobs opened and closed on each of the last days, and how many were open at its end.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async flow(options: FlowOptions = {}): Promise<FlowFigures> {
    const checks = this.checks('flow');
    const scope = checks.scope(options, ['days', 'until', 'timeZone']);
    const days = checks.integer('days', options.days ?? 30, { min: 1, max: 3_660 });
    const until = options.until === undefined ? null : checks.moment('until', options.until);
    const timeZone = checks.timeZone(options.timeZone ?? 'UTC');
    const input = { days, until, timeZone };
    const { at, figures } = await this.changes.reading(options, (connection) =>
      this.store.flow(connection, scope, input),
    );
    const closed = figures.map((day) => ({ ...day, closed: day.completed + day.cancelled + day.expired }));
    return { at, timeZone, days: closed };
  }

  /**
   * One page of what assignees have to do, those with the most open jobs first, and what nobody is assigned.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async workload(options: WorkloadOptions = {}): Promise<WorkloadPage> {
    const checks = this.checks('workload');
    const scope = checks.scope(options, ['after', 'limit']);
    const limit = checks.limit(options.limit);
    const input = { after: loadPosition(options.after, checks), limit: limit + 1 };
    const answer = await this.changes.reading(options, (connection) => this.store.workload(connection, scope, input));
    return toWorkloadPage(answer, limit);
  }

  /**
   * Counts all jobs anew for {@link completion} and {@link flow}. The database keeps that count up to date by itself, whoever writes jobs;
   * this is for what was loaded while its triggers were disabled. Nobody can write jobs meanwhile.
   */
  async recount(): Promise<void> {
    await this.changes.ownTransaction(({ connection }) => this.tally.recount(connection));
  }

  /** The types of a plan in its order, those without a step last. */
  private stepsOf(plan: string): readonly JobTypeDefinition[] {
    return this.changes.types
      .all()
      .map(({ definition }) => definition)
      .filter((definition) => definition.plan === plan)
      .sort((one, other) => placeOf(one.step) - placeOf(other.step) || (one.name < other.name ? -1 : 1));
  }

  private checks(verb: string): InsightChecks {
    return new InsightChecks(verb, this.changes.types);
  }
}

function placeOf(step: number | null): number {
  return step ?? Number.MAX_SAFE_INTEGER;
}
