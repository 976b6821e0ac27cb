import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const plannedDeadLetters: Rule = {
  name: 'planned dead letters',
  promise: 'Exactly those deliveries end as dead letters that cannot be handled.',
  check(history) {
    const plans = new Map(history.emissions.map(({ id, receivers }) => [id, receivers]));
    const emissions = new Map(history.events.map(({ id, payload }) => [id, String(payload['emission'])]));
    const letters = groupBy(history.deadLetters, ({ event }) => emissions.get(event) ?? event);
    const unplanned = history.deadLetters
      .filter(({ event }) => !(plans.get(emissions.get(event) ?? '') ?? []).some(({ fate }) => fate === 'dead'))
      .map(({ delivery, reason }) => `${delivery} became a dead letter that nobody planned: ${reason}`);
    const missing = history.emissions
      .filter(
        ({ id, receivers }) => receivers.filter(({ fate }) => fate === 'dead').length > (letters.get(id)?.length ?? 0),
      )
      .map(({ id }) => `${id} has fewer dead letters than it was planned to have`);
    return [...unplanned, ...missing];
  },
};
