import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { completionStatement, flowStatement } from './flow.statements.js';
import { funnelStatement } from './funnel.statements.js';
import { pendingStatement, stalledStatement, workloadStatement } from './pending.statements.js';
import { timeToCompleteStatement } from './time-to-complete.statements.js';

/** Types and tenant to restrict to; `null` for all of them. */
export interface ScopeInput {
  readonly types: readonly string[] | null;
  readonly tenant: string | null;
}

/** A span of time as ISO texts; `null` where it is not bounded. */
export interface SpanInput {
  readonly from: string | null;
  readonly to: string | null;
}

/** An answer as the statements give it: JSON text, which no type parser of the application's can change. */
interface FigureRow {
  readonly at: string;
  readonly figures: string;
}

/** What a statement answered, and the moment it is about. */
export interface Answer<Figure> {
  readonly at: Date;
  readonly figures: readonly Figure[];
}

/**
 * Reads figures about jobs. Statements are planned for the values they are given: a plan for any types and any span would read the
 * whole table for a few of them.
 */
export class InsightStore {
  constructor(
    private readonly names: JobTableNames,
    private readonly clock: Clock,
  ) {}

  pending(connection: EngineConnection, scope: ScopeInput, bounds: readonly number[]): Promise<Answer<PendingFigure>> {
    return this.read(connection, pendingStatement(this.names), scope, [bounds]);
  }

  stalled(
    connection: EngineConnection,
    scope: ScopeInput,
    { olderThan, plan, after, limit }: StalledInput,
  ): Promise<Answer<StalledFigure>> {
    const values = [olderThan, plan, after?.since ?? null, after?.id ?? null, limit];
    return this.read(connection, stalledStatement(this.names), scope, values);
  }

  workload(
    connection: EngineConnection,
    scope: ScopeInput,
    { after, limit }: WorkloadInput,
  ): Promise<Answer<WorkloadFigure>> {
    const values = [after?.open ?? null, after?.assignee ?? null, limit];
    return this.read(connection, workloadStatement(this.names), scope, values);
  }

  timeToComplete(
    connection: EngineConnection,
    scope: ScopeInput,
    { from, to }: SpanInput,
    points: number,
  ): Promise<Answer<TimeToCompleteFigure>> {
    return this.read(connection, timeToCompleteStatement(this.names), scope, [from, to, points]);
  }

  funnel(
    connection: EngineConnection,
    { plan, types, places, tenant, from, to }: FunnelInput,
  ): Promise<Answer<FunnelFigure>> {
    return this.read(connection, funnelStatement(this.names), { types, tenant }, [plan, from, to, places]);
  }

  flow(
    connection: EngineConnection,
    scope: ScopeInput,
    { days, until, timeZone }: { readonly days: number; readonly until: string | null; readonly timeZone: string },
  ): Promise<Answer<FlowFigure>> {
    return this.read(connection, flowStatement(this.names), scope, [days, until, timeZone]);
  }

  completion(
    connection: EngineConnection,
    scope: ScopeInput,
    { days, weeks, timeZone }: { readonly days: number; readonly weeks: number; readonly timeZone: string },
  ): Promise<Answer<CompletionFigure>> {
    return this.read(connection, completionStatement(this.names), scope, [days, weeks, timeZone]);
  }

  private async read<Figure>(
    connection: EngineConnection,
    text: string,
    { types, tenant }: ScopeInput,
    values: readonly unknown[],
  ): Promise<Answer<Figure>> {
    const all = [this.clock.offset, types, tenant, ...values];
    const { rows } = await connection.runUnprepared<FigureRow>(text, all);
    const [row] = rows;
    if (row === undefined) throw new Error('The figures came without their moment.');
    return { at: new Date(Number(row.at)), figures: JSON.parse(row.figures) as Figure[] };
  }
}

/** Pending jobs of a type; times in milliseconds since 1970. */
export interface PendingFigure {
  readonly type: string;
  readonly count: number;
  readonly mean: number;
  readonly percentiles: readonly [p50: number, p90: number, p99: number];
  readonly oldest: number;
  readonly since: number;
  /** Counts of the columns that have any, by their place. */
  readonly columns: Readonly<Record<string, number>>;
}

export interface StalledInput {
  readonly olderThan: number;
  readonly plan: string | null;
  /** `since` in microseconds and `id` of the last job of the page before. */
  readonly after: { readonly since: string; readonly id: string } | undefined;
  readonly limit: number;
}

export interface StalledFigure {
  readonly id: string;
  readonly type: string;
  readonly plan: string | null;
  readonly step: number | null;
  readonly targetType: string;
  readonly targetId: string;
  readonly tenant: string;
  readonly assignee: string | null;
  /** Microseconds since 1970. */
  readonly since: string;
  readonly age: number;
}

export interface WorkloadInput {
  readonly after: { readonly open: number; readonly assignee: string } | undefined;
  readonly limit: number;
}

export interface WorkloadFigure {
  readonly assignee: string | null;
  readonly open: number;
  readonly overdue: number;
  readonly claimed: number;
  readonly since: number;
}

export interface TimeToCompleteFigure {
  readonly type: string;
  readonly jobs: number;
  readonly completed: number;
  readonly cancelled: number;
  readonly open: number;
  readonly naiveMedian: number | null;
  readonly median: number | null;
  readonly incidenceMedian: number | null;
  readonly curve: readonly (readonly [age: number, atRisk: number, survival: number, incidence: number])[];
}

export interface FunnelInput extends SpanInput {
  readonly plan: string;
  readonly types: readonly string[];
  /** Place of each type in the order of the plan: from one without gaps; `null` for those outside of it. */
  readonly places: readonly (number | null)[];
  readonly tenant: string | null;
}

export interface FunnelFigure {
  readonly type: string;
  /** Highest step its jobs have; `null` without any. */
  readonly step: number | null;
  readonly reached: number;
  readonly done: number;
  readonly here: number;
  readonly expired: number;
  readonly cancelled: number;
  /** Subjects done with this type and with the step before. */
  readonly both: number;
  /** Subjects done with the step before. */
  readonly before: number;
  /** `null` for types that have none, or are no longer part of the plan. */
  readonly place: number | null;
  /** Subjects of the whole plan. */
  readonly entered: number;
}

export interface FlowFigure {
  readonly day: string;
  readonly opened: number;
  readonly completed: number;
  readonly cancelled: number;
  readonly expired: number;
  readonly open: number;
}

export interface CompletionFigure {
  readonly type: string;
  readonly week: string;
  readonly created: number;
  readonly completed: number;
  readonly mature: boolean;
}
