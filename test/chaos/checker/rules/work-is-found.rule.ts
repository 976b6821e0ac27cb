import { groupBy, type Step } from '../../history/history.js';
import { calmTimes } from '../derived/calm.js';
import type { Rule } from '../rule.js';

/** Milliseconds: several times the longest pause between two looks, for a machine that has much else to do. */
const BOUND = 20_000;

export const workIsFound: Rule = {
  name: 'work is found',
  promise: 'What is ready is claimed soon by a worker that stands undisturbed, also when no notification arrives.',
  check(history) {
    const calm = calmTimes(history);
    return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) => {
      const late = steps.some((step, index) => {
        if (step.what === 'claim' || step.what === 'delete') return false;
        const readyAt = Math.max(step.at, step.dueAt ?? 0);
        const nextAt = steps[index + 1]?.at ?? Infinity;
        return calm.some(({ from, to }) => {
          const since = Math.max(from, readyAt);
          return isWaiting(step) && to - since >= BOUND && nextAt > since + BOUND;
        });
      });
      return late ? [`${delivery} was ready for ${BOUND} ms beside an undisturbed worker, and not claimed`] : [];
    });
  },
};

function isWaiting({ what, worker }: Step): boolean {
  return what === 'free' || worker === null;
}
