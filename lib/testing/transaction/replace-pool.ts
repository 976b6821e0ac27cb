import type { DataSource } from 'typeorm';
import { postgresPool, type PostgresPool } from '../../engine/database/postgres-driver.js';

/** TypeORM's PostgreSQL driver, which looks its pool up each time it needs a connection. */
interface PooledDriver {
  master: PostgresPool;
}

/**
 * Puts a pool in the place of a data source's own.
 *
 * @param replacementFor makes it of the one there is.
 * @returns a function that puts the data source's own back.
 * @throws JobsError when the data source is not an initialised PostgreSQL one.
 */
export function replacePool(dataSource: DataSource, replacementFor: (own: PostgresPool) => PostgresPool): () => void {
  const { driver } = dataSource;
  const own = postgresPool(dataSource);
  if (!isPooled(driver)) return () => undefined;
  driver.master = replacementFor(own);
  return () => {
    driver.master = own;
  };
}

function isPooled(driver: object): driver is PooledDriver {
  return 'master' in driver;
}
