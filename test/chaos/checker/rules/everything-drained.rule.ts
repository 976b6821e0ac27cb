import { entriesOf } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const everythingDrained: Rule = {
  name: 'everything drained',
  promise: 'Once the faults are over everything is worked off, and no delivery is left.',
  check(history) {
    const drained = entriesOf(history, 'phase').some(({ phase }) => phase === 'drained');
    const left = history.left.map((delivery) => `${delivery} is still there`);
    return drained ? left : ['not everything was worked off once the faults were over', ...left];
  },
};
