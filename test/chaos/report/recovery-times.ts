import { lifeByWorker } from '../checker/derived/life.js';
import { groupBy, type History } from '../history/history.js';

/** Milliseconds from the end of each process to the next claim of each delivery it held then, the shortest first. */
export function recoveryTimes(history: History): readonly number[] {
  const lives = lifeByWorker(history);
  return [...groupBy(history.steps, ({ delivery }) => delivery).values()]
    .flatMap((steps) =>
      steps.flatMap(({ what, worker }, index) => {
        const life = what === 'claim' && worker !== null ? lives.get(worker) : undefined;
        const freed = steps[index + 1];
        const again = steps.slice(index + 1).find((step) => step.what === 'claim');
        if (life === undefined || freed === undefined || again === undefined) return [];
        return freed.at > life.endedAt ? [again.at - life.endedAt] : [];
      }),
    )
    .sort((one, other) => one - other);
}
