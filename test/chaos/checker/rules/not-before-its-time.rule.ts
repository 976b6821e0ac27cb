import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

/** Milliseconds by which the two clocks that the history is put together from may differ. */
const TOLERANCE = 50;

export const notBeforeItsTime: Rule = {
  name: 'not before its time',
  promise: 'A delayed or retried delivery is not claimed before it is due, whatever the clock of a process says.',
  check(history) {
    return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) => {
      const early = steps.some((step, index) => {
        const claim = steps.slice(index + 1).find(({ what }) => what === 'claim');
        return step.dueAt !== null && claim !== undefined && claim.at + TOLERANCE < step.dueAt;
      });
      return early ? [`${delivery} was claimed before it was due`] : [];
    });
  },
};
