import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const claimedOnce: Rule = {
  name: 'claimed once',
  promise: 'What somebody holds is not claimed by another before it was given back or taken from the dead.',
  check(history) {
    return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) => {
      let holder: number | null = null;
      const violations: string[] = [];
      for (const { what, worker } of steps) {
        if (what === 'claim' && holder !== null)
          violations.push(`worker ${worker ?? 0} claimed ${delivery}, which worker ${holder} held`);
        holder = what === 'claim' ? worker : what === 'change' ? holder : null;
      }
      return violations;
    });
  },
};
