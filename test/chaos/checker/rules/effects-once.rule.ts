import { groupBy } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const effectsOnce: Rule = {
  name: 'effects once',
  promise: "What a receiver writes in its delivery's transaction is committed exactly once.",
  check(history) {
    const once = new Set(
      history.emissions.flatMap(({ id, receivers }) =>
        receivers.filter(({ effect }) => effect === 'once').map(({ receiver }) => `${id} ${receiver}`),
      ),
    );
    const effects = groupBy(history.effects, ({ emission, receiver }) => `${emission} ${receiver}`);
    return [...effects].flatMap(([key, written]) =>
      once.has(key) && written.length > 1 ? [`the effect of ${key} was committed ${written.length} times`] : [],
    );
  },
};
