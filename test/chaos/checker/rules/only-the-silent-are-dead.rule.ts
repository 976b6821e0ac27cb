import { silencesOf } from '../derived/disturbances.js';
import { lifeByWorker } from '../derived/life.js';
import type { Rule } from '../rule.js';

export const onlyTheSilentAreDead: Rule = {
  name: 'only the silent are dead',
  promise: 'A process is declared dead only after it ended, or while it could not say that it lives.',
  check(history) {
    const lives = lifeByWorker(history);
    // Whoever could speak again had this long to prove itself.
    const { grace, beatDeadline, connectDeadline } = history.timings;
    const returning = grace + beatDeadline + connectDeadline;
    return history.workerEnds.flatMap(({ worker, state, at }) => {
      const life = lives.get(worker);
      if (state !== 'dead' || life === undefined || life.endedAt <= at) return [];
      const excused = silencesOf(history, life).some(({ from, to }) => from < at && at <= to + returning);
      return excused ? [] : [`${life.process} (worker ${worker}) was declared dead while it lived and could say so`];
    });
  },
};
