import { groupBy } from '../../../history/history.js';
import type { Rule } from '../../rule.js';
import { jobsOf } from './job-records.js';

export const heardOfOnce: Rule = {
  name: 'jobs are heard of once',
  promise: 'What hears of jobs takes effect once for each request, and once for the end of each.',
  check(history) {
    const effects = groupBy(history.effects, ({ emission, receiver }) => `${emission} ${receiver}`);
    return jobsOf(history).flatMap(({ id, status, closeReason }) => {
      const wanted = {
        welcome: 1,
        thank: status === 'completed' ? 1 : 0,
        regret: closeReason === 'expired' ? 1 : 0,
      };
      return Object.entries(wanted)
        .map(([receiver, times]) => ({ receiver, times, was: effects.get(`job:${id} ${receiver}`)?.length ?? 0 }))
        .filter(({ times, was }) => times !== was)
        .map(({ receiver, times, was }) => `${receiver} took effect ${was} times instead of ${times} for job ${id}`);
    });
  },
};
