import { DataSource } from 'typeorm';
import { postgresPool } from '../../lib/engine/database/postgres-driver.js';
import { JobsError } from '../../lib/index.js';
import { replacePool } from '../../lib/testing/transaction/replace-pool.js';

describe('The pool of a data source that has none', () => {
  const none = new DataSource({ type: 'postgres' });
  const replacement = jest.fn();

  it.each([
    ['used', () => postgresPool(none)],
    ['replaced', () => replacePool(none, replacement)],
  ])('cannot be %s, and what that needs is told', (_, use) => {
    expect(use).toThrow(JobsError);
    expect(use).toThrow('this one is of type "postgres" and its driver has no pool ("master"). Initialise it');
    expect(replacement).not.toHaveBeenCalled();
  });
});
