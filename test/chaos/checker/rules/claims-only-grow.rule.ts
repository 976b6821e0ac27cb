import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const claimsOnlyGrow: Rule = {
  name: 'claims only grow',
  promise:
    'No two claims of a delivery have the same number, so a claim that was lost cannot be mistaken for the present one.',
  check(history) {
    return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) => {
      const claims = steps.filter(({ what }) => what === 'claim').map((step) => step.claims);
      const repeated = claims.find((number, index) => index > 0 && number <= (claims[index - 1] ?? 0));
      return repeated === undefined
        ? []
        : [`${delivery} was claimed as number ${repeated} although that was used before`];
    });
  },
};
