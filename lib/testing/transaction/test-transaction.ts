import type { DataSource, EntityManager } from 'typeorm';
import {
  clientOf,
  giveBackClient,
  type PooledClient,
  postgresPool,
  takeClient,
} from '../../engine/database/postgres-driver.js';
import { replacePool } from './replace-pool.js';
import { SharedConnection } from './shared-connection.js';
import { sharedPoolOptions, SharedConnectionPool } from './shared-connection-pool.js';

/** A transaction in which everything happens that a data source does, until it is rolled back. */
export class TestTransaction {
  private constructor(
    private readonly shared: SharedConnection,
    private readonly giveBackPool: () => void,
    private readonly finish: () => Promise<void>,
  ) {}

  /** Begins one on a connection of the data source's pool. */
  static async begin(dataSource: DataSource): Promise<TestTransaction> {
    const client = await takeClient(postgresPool(dataSource));
    await client.query({ text: 'begin' });
    return TestTransaction.on(dataSource, client, async () => {
      let failure: Error | undefined;
      try {
        await client.query({ text: 'rollback' });
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      giveBackClient(client, failure);
    });
  }

  /** Joins the one that a test began itself, and will end itself. */
  static async join(dataSource: DataSource, manager: EntityManager): Promise<TestTransaction> {
    const { queryRunner } = manager;
    if (queryRunner === undefined) throw new Error('A manager without a query runner has no transaction.');
    return TestTransaction.on(dataSource, await clientOf(queryRunner), () => Promise.resolve());
  }

  private static on(dataSource: DataSource, client: PooledClient, finish: () => Promise<void>): TestTransaction {
    const shared = new SharedConnection(client);
    const giveBackPool = replacePool(
      dataSource,
      ({ options }) => new SharedConnectionPool(sharedPoolOptions(options, client, shared)),
    );
    return new TestTransaction(shared, giveBackPool, finish);
  }

  /** Gives the data source its own connections back, and ends the transaction when it was begun here. */
  async end(): Promise<void> {
    await this.shared.end();
    this.giveBackPool();
    await this.finish();
  }
}
