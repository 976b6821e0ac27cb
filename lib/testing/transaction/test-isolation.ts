import type { EntityManager } from 'typeorm';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import { AfterCommitSubscriber } from '../../engine/wake-up/after-commit.subscriber.js';
import { JobsError } from '../../errors/jobs.error.js';
import { TestTransaction } from './test-transaction.js';

/** What has to do with the transaction that a test is in, as far as it is used here. */
interface IsolatedEngine {
  readonly database: EngineDatabase;
  /** The memory in which there is nothing to roll back; `undefined` on a database. */
  readonly memory: object | undefined;
  get(token: typeof AfterCommitSubscriber): AfterCommitSubscriber;
}

/** Keeps what a test does apart from what others do: all of it happens in a transaction, of which there is one at a time. */
export class TestIsolation {
  private transaction: TestTransaction | undefined;

  constructor(private readonly engine: IsolatedEngine) {}

  /** Begins a transaction. */
  async begin(): Promise<void> {
    await this.enter(() => TestTransaction.begin(this.engine.database.dataSource));
  }

  /**
   * Joins the transaction of a manager.
   *
   * @returns a function after which savepoints within it count for nothing again.
   */
  async join(manager: EntityManager): Promise<() => void> {
    const { queryRunner } = manager;
    if (queryRunner?.isTransactionActive !== true) {
      throw new JobsError('joinTransaction was given a manager without an open transaction; begin it first.');
    }
    await this.enter(() => TestTransaction.join(this.engine.database.dataSource, manager));
    return this.engine.get(AfterCommitSubscriber).startWithin(queryRunner);
  }

  /** Ends the transaction, when there is one. */
  async leave(): Promise<void> {
    const { transaction } = this;
    this.transaction = undefined;
    await transaction?.end();
  }

  /** Works in a transaction of its own, and rolls it back. */
  async rolledBack<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    this.refuseInMemory(what);
    const around = await TestTransaction.begin(this.engine.database.dataSource);
    try {
      return await work();
    } finally {
      await around.end();
    }
  }

  private async enter(begin: () => Promise<TestTransaction>): Promise<void> {
    this.refuseInMemory('startTransaction and joinTransaction');
    if (this.transaction !== undefined) {
      throw new JobsError('The test is in a transaction already; call rollbackTransaction() in afterEach.');
    }
    this.transaction = await begin();
  }

  private refuseInMemory(what: string): void {
    if (this.engine.memory === undefined) return;
    throw new JobsError(
      `${what} need a database, whose rows they take back. In memory give each test a new MemoryStorage instead, which holds nothing.`,
    );
  }
}
