import type { Rule } from '../../rule.js';
import { closings, jobsOf } from './job-records.js';

export const closedOnce: Rule = {
  name: 'jobs are closed once',
  promise: 'Each job is closed exactly once, with one entry in its history and one event that agree with it.',
  check(history) {
    return jobsOf(history).flatMap(({ id, status, closeReason, actions, facts }) => {
      const expected = status === 'pending' ? '' : closeReason === 'expired' ? 'expired' : status;
      const [done, told] = [closings(actions).join(), closings(facts).join()];
      return done === expected && told === expected
        ? []
        : [`job ${id} is ${status} (${closeReason ?? ''}), but its history says "${done}" and its events "${told}"`];
    });
  },
};
