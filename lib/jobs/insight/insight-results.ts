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
  const entered = figures.reduce((sum, figure) => sum + figure.entered, 0);
  const present = steps.map(({ name, step }) => ({ ...NOBODY, ...byType.get(name), type: name, step }));
  return {
    at,
    plan,
    entered,
    steps: present.map((figure, index) => {
      const before = present[index - 1];
      const fromPrevious =
        before === undefined ? shareOf(figure.done, figure.reached) : shareOf(figure.both, before.done);
      return funnelStep(figure, fromPrevious, shareOf(figure.done, entered));
    }),
    removed: figures
      .filter(({ type }) => !steps.some(({ name }) => name === type))
      .map((figure) => funnelStep(figure, null, null)),
  };
}

const NOBODY = { reached: 0, done: 0, here: 0, expired: 0, cancelled: 0, both: 0, entered: 0 };

function funnelStep(
  { type, step, reached, done, here, expired, cancelled }: FunnelFigure,
  fromPrevious: number | null,
  overall: number | null,
): FunnelStep {
  return { type, step, reached, done, here, expired, cancelled, fromPrevious, overall };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
