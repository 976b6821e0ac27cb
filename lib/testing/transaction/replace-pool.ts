import type { DataSource } from 'typeorm';
import { postgresDriver, type PostgresPool } from '../../engine/database/postgres-driver.js';

/**
 * Puts a pool in the place of a data source's own.
 *
 * @param replacementFor makes it of the one there is.
 * @returns a function that puts the data source's own back.
 * @throws JobsError when the data source is not an initialised PostgreSQL one.
 */
export function replacePool(dataSource: DataSource, replacementFor: (own: PostgresPool) => PostgresPool): () => void {
  const driver = postgresDriver(dataSource);
  const own = driver.master;
  driver.master = replacementFor(own);
  return () => {
    driver.master = own;
  };
}
