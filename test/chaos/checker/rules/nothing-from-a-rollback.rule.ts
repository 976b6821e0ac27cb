import { entriesOf } from '../../history/history.js';
import type { Rule } from '../rule.js';

/** Ids with a colon are those of what workloads tell in other ways, by rules of their own. */
const isEmission = (id: unknown): id is string => typeof id === 'string' && !id.includes(':');

export const nothingFromARollback: Rule = {
  name: 'nothing from a rollback',
  promise: 'What was emitted in a transaction or savepoint that rolled back is neither stored nor delivered.',
  check(history) {
    const committed = new Set(history.emissions.map(({ id }) => id));
    const runs = entriesOf(history, 'run.began')
      .filter(({ emission }) => isEmission(emission) && !committed.has(emission))
      .map(({ emission, receiver }) => `${receiver} ran for ${emission}, which was never committed`);
    const events = history.events
      .filter(({ payload: { emission } }) => isEmission(emission) && !committed.has(emission))
      .map(({ id, payload }) => `event ${id} is stored for ${String(payload['emission'])}, which was never committed`);
    return [...events, ...runs];
  },
};
