import { groupBy, type History } from '../../history/history.js';
import { calmTimes } from '../derived/calm.js';
import { silencesOf } from '../derived/disturbances.js';
import { lifeByWorker } from '../derived/life.js';
import type { Rule } from '../rule.js';

/** Milliseconds for a machine that has much else to do. */
const SLACK = 15_000;

export const recoveredInTime: Rule = {
  name: 'recovered in time',
  promise:
    'What an ended process held is free again within the grace time of a worker that stands undisturbed, or a lease later when it had been silent.',
  check(history) {
    const calm = calmTimes(history);
    const lives = lifeByWorker(history);
    return heldAtTheEnd(history).flatMap(({ worker, delivery, freedAt }) => {
      const life = lives.get(worker);
      if (life === undefined || freedAt <= life.endedAt) return [];
      const { restartGrace, grace, lease } = history.timings;
      const silent = silencesOf(history, life).some(({ to }) => to > life.endedAt - lease);
      const bound = restartGrace + grace + (silent ? lease : 0) + SLACK;
      const late = calm.some(({ from, to }) => {
        const since = Math.max(from, life.endedAt);
        return to - since >= bound && freedAt > since + bound;
      });
      return late ? [`${delivery}, which ${life.process} held when it ended, was not free again in time`] : [];
    });
  },
};

interface Held {
  readonly worker: number;
  readonly delivery: string;
  readonly freedAt: number;
}

/** Claims, and when each was over. */
function heldAtTheEnd(history: History): readonly Held[] {
  return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) =>
    steps.flatMap(({ what, worker }, index) => {
      if (what !== 'claim' || worker === null) return [];
      const next = steps.slice(index + 1).find((step) => step.what !== 'change');
      return [{ worker, delivery, freedAt: next?.at ?? Infinity }];
    }),
  );
}
