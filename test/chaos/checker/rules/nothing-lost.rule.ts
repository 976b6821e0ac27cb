import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const nothingLost: Rule = {
  name: 'nothing lost',
  promise:
    'Each receiver of an event whose transaction committed takes effect, or ends as the dead letter it was planned to be.',
  check(history) {
    const effects = groupBy(history.effects, ({ emission, receiver }) => `${emission} ${receiver}`);
    return history.emissions.flatMap(({ id, receivers }) =>
      receivers
        .filter(({ receiver, fate }) => fate === 'done' && !effects.has(`${id} ${receiver}`))
        .map(({ receiver }) => `${receiver} never took effect for ${id}, which was committed`),
    );
  },
};
