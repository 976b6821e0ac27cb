import { groupBy, type Step } from '../../history/history.js';
import { lifeByWorker } from '../derived/life.js';
import type { Rule } from '../rule.js';

export const onlyTheHolderWrites: Rule = {
  name: 'only the holder writes',
  promise:
    'A worker that lost its claim changes nothing: what is committed with an acknowledgement is that of the last claim.',
  check(history) {
    const once = new Set(
      history.emissions.flatMap(({ id, receivers }) =>
        receivers.filter(({ effect }) => effect === 'once').map(({ receiver }) => `${id} ${receiver}`),
      ),
    );
    const lives = lifeByWorker(history);
    const holders = new Map(
      [...groupBy(history.steps, ({ delivery }) => delivery)].map(([delivery, steps]) => [delivery, lastHolder(steps)]),
    );
    return history.effects.flatMap(({ emission, receiver, delivery, process }) => {
      const holder = lives.get(holders.get(delivery) ?? 0);
      if (!once.has(`${emission} ${receiver}`) || holder === undefined || holder.process === process) return [];
      return [
        `${process} committed the effect of ${receiver} for ${emission}, which ${holder.process} had claimed by then`,
      ];
    });
  },
};

function lastHolder(steps: readonly Step[]): number | null {
  return steps.findLast(({ what }) => what === 'claim')?.worker ?? null;
}
