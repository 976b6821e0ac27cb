import type { JobTypeDefinition } from '../types/job-type-definition.js';
import type { JobTypeRegistry } from '../types/job-type.registry.js';
import type {
  AgeColumn,
  CompletionCohort,
  CompletionOfType,
  FunnelFigures,
  FunnelStep,
  PendingFigures,
  PendingOfType,
  TimeToCompleteOfType,
} from './insight-figures.interface.js';
import type { Answer, CompletionFigure, FunnelFigure, PendingFigure, TimeToCompleteFigure } from './insight-store.js';

/** @param asked names of the types asked for; `null` for all. */
export function toPending(
  { at, figures }: Answer<PendingFigure>,
  bounds: readonly number[],
  asked: readonly string[] | null,
  registry: JobTypeRegistry,
): PendingFigures {
  const byType = new Map(figures.map((figure) => [figure.type, figure]));
  const expected = asked ?? registry.all().map(({ definition }) => definition.name);
  const names = [...new Set([...expected, ...byType.keys()])].sort();
  const types = names.map((type) => pendingOfType(type, registry.find(type) !== undefined, byType.get(type), bounds));
  return { at, types };
}

function pendingOfType(
  type: string,
  provided: boolean,
  figure: PendingFigure | undefined,
  bounds: readonly number[],
): PendingOfType {
  const columns = columnsOf(bounds, figure?.columns ?? {});
  if (figure === undefined) return { type, provided, count: 0, age: null, oldestSince: null, columns };
  const { count, mean, oldest, since } = figure;
  const [p50, p90, p99] = figure.percentiles;
  return { type, provided, count, age: { mean, p50, p90, p99, oldest }, oldestSince: new Date(since), columns };
}

function columnsOf(bounds: readonly number[], counts: Readonly<Record<string, number>>): readonly AgeColumn[] {
  return [0, ...bounds].map((from, place) => ({ from, to: bounds[place] ?? null, count: counts[place] ?? 0 }));
}

export function toCompletion(figures: readonly CompletionFigure[]): readonly CompletionOfType[] {
  const byType = new Map<string, CompletionCohort[]>();
  for (const { type, week, created, completed, mature } of figures) {
    const cohorts = byType.get(type) ?? [];
    cohorts.push({ week, created, completed, share: shareOf(completed, created), mature });
    byType.set(type, cohorts);
  }
  return [...byType].map(([type, cohorts]) => ({ type, cohorts }));
}

export function toTimeToComplete({ curve, ...figure }: TimeToCompleteFigure): TimeToCompleteOfType {
  return {
    ...figure,
    curve: curve.map(([age, atRisk, survival, incidence]) => ({ age, atRisk, survival, incidence })),
  };
}

/** @param steps definitions of the plan's types, in its order. */
export function toFunnel(
  { at, figures }: Answer<FunnelFigure>,
  plan: string,
  steps: readonly Pick<JobTypeDefinition, 'name' | 'step'>[],
): FunnelFigures {
  const byType = new Map(figures.map((figure) => [figure.type, figure]));
  const present = steps.flatMap(({ name, step }) => {
    const figure = byType.get(name);
    byType.delete(name);
    return figure === undefined ? [] : [funnelStep({ ...figure, step }, true)];
  });
  return {
    at,
    plan,
    entered: figures[0]?.entered ?? 0,
    steps: present,
    removed: [...byType.values()].map((figure) => funnelStep(figure, false)),
  };
}

function funnelStep(figure: FunnelFigure, isPresent: boolean): FunnelStep {
  const { type, step, reached, done, here, expired, cancelled, place, both, before, entered } = figure;
  const fromPrevious = place === 1 ? shareOf(done, reached) : shareOf(both, place === null ? 0 : before);
  const overall = isPresent ? shareOf(done, entered) : null;
  return { type, step, reached, done, here, expired, cancelled, fromPrevious, overall };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
