import { groupBy } from '../../history/history.js';
import { lifeByWorker } from '../derived/life.js';
import { runsOf } from '../derived/runs.js';
import type { Rule } from '../rule.js';

/** Entries are written just before and after, not in the very moment. */
const TOLERANCE = 5;

export const oneRunAtATime: Rule = {
  name: 'one run at a time',
  promise: 'While a run goes on no other run of its delivery begins, unless its process was declared dead before.',
  check(history) {
    const lives = lifeByWorker(history);
    const deaths = history.workerEnds.filter(({ state }) => state === 'dead');
    const declared = (process: string, before: number): boolean =>
      deaths.some(({ worker, at }) => lives.get(worker)?.process === process && at <= before);
    return [...groupBy(runsOf(history), ({ delivery }) => delivery).values()].flatMap((runs) =>
      runs.flatMap((run, index) =>
        runs
          .slice(index + 1)
          .filter(({ beganAt }) => beganAt + TOLERANCE < run.endedAt && !declared(run.process, beganAt))
          .map(
            (other) =>
              `${other.receiver} began ${run.delivery} in ${other.process} while it ran in ${run.process}, which nobody had declared dead`,
          ),
      ),
    );
  },
};
