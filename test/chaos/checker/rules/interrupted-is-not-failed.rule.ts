import { entriesOf, groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const interruptedIsNotFailed: Rule = {
  name: 'interrupted is not failed',
  promise: 'A deploy or a crash costs no attempt: each attempt that is counted was a failure of the receiver.',
  check(history) {
    const failures = groupBy(entriesOf(history, 'run.failed'), ({ delivery }) => delivery);
    return [...groupBy(history.steps, ({ delivery }) => delivery)].flatMap(([delivery, steps]) => {
      const counted = Math.max(...steps.map(({ attempts }) => attempts));
      const failed = failures.get(delivery)?.length ?? 0;
      return counted > failed ? [`${counted} attempts of ${delivery} are counted, but it failed ${failed} times`] : [];
    });
  },
};
