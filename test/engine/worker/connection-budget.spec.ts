import { connectionBudget } from '../../../lib/engine/worker/connection-budget.js';

const nothing = { concurrency: undefined, transactionalConcurrency: undefined };

describe('What of the pool receivers may hold', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [10, 7],
    [90, 63],
  ])('of %i connections is %i, so that one at least stays free where there are two', (poolSize, transactions) => {
    expect(connectionBudget(poolSize, [], nothing)).toEqual({
      concurrency: poolSize,
      transactionalConcurrency: transactions,
    });
  });

  it('is what was asked for', () => {
    const asked = { concurrency: 50, transactionalConcurrency: 2 };
    expect(connectionBudget(10, [], asked)).toEqual(asked);
  });
});
