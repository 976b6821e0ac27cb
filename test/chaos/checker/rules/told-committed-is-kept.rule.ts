import { entriesOf, groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const toldCommittedIsKept: Rule = {
  name: 'told committed is kept',
  promise: 'What the application was told to be committed is there, with exactly one event.',
  check(history) {
    const committed = new Set(history.emissions.map(({ id }) => id));
    const events = groupBy(history.events, ({ payload }) => String(payload['emission']));
    const lost = entriesOf(history, 'emit.told')
      .filter(({ outcome, emission }) => outcome === 'committed' && !committed.has(emission))
      .map(({ emission }) => `${emission} was told to be committed, and is not there`);
    const without = history.emissions
      .filter(({ id, receivers }) => receivers.length > 0 && events.get(id)?.length !== 1)
      .map(({ id }) => `${id} was committed with ${events.get(id)?.length ?? 0} events`);
    return [...lost, ...without];
  },
};
