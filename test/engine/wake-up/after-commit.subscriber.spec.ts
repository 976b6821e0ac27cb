import type { DataSource, QueryRunner } from 'typeorm';
import { AfterCommitSubscriber } from '../../../lib/engine/wake-up/after-commit.subscriber.js';
import { TestDatabase } from '../../support/test-database.js';

describe('AfterCommitSubscriber', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let runner: QueryRunner;
  const subscriber = new AfterCommitSubscriber();
  let calls: number;
  const callback = (): void => {
    calls += 1;
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
    dataSource = await database.dataSource({ synchronize: false });
    dataSource.subscribers.push(subscriber);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => {
    calls = 0;
    runner = dataSource.createQueryRunner();
  });
  afterEach(() => runner.release());

  it('calls back at once outside a transaction', () => {
    subscriber.after(dataSource.manager, callback);
    expect(calls).toBe(1);
  });

  it('calls back at once for a query runner without a transaction', async () => {
    await runner.connect();
    subscriber.after(runner.manager, callback);
    expect(calls).toBe(1);
  });

  it('does not call back before the commit', async () => {
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    const before = calls;
    await runner.commitTransaction();
    expect([before, calls]).toEqual([0, 1]);
  });

  it('does not call back after a rollback', async () => {
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.rollbackTransaction();
    expect(calls).toBe(0);
  });

  it('forgets what rolled back when the same query runner commits later', async () => {
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.rollbackTransaction();
    await runner.startTransaction();
    await runner.commitTransaction();
    expect(calls).toBe(0);
  });

  it('calls back once for a commit, not again for the next', async () => {
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.commitTransaction();
    await runner.startTransaction();
    await runner.commitTransaction();
    expect(calls).toBe(1);
  });

  it('calls back once however often it was asked for one callback', async () => {
    await dataSource.transaction((manager) => {
      for (let times = 0; times < 5; times++) subscriber.after(manager, callback);
      return Promise.resolve();
    });
    expect(calls).toBe(1);
  });

  it('does not call back when a savepoint is released', async () => {
    await runner.startTransaction();
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.commitTransaction();
    const released = calls;
    await runner.commitTransaction();
    expect([released, calls]).toEqual([0, 1]);
  });

  it('does not call back when the outer transaction rolls back after the savepoint was released', async () => {
    await runner.startTransaction();
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.commitTransaction();
    await runner.rollbackTransaction();
    expect(calls).toBe(0);
  });

  it('calls back for the outer part when only a savepoint rolled back', async () => {
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.startTransaction();
    await runner.rollbackTransaction();
    const rolledBack = calls;
    await runner.commitTransaction();
    expect([rolledBack, calls]).toEqual([0, 1]);
  });

  it('does not call back for what a savepoint did that rolled back, when the outer transaction commits', async () => {
    await runner.startTransaction();
    await runner.startTransaction();
    subscriber.after(runner.manager, callback);
    await runner.rollbackTransaction();
    await runner.commitTransaction();
    expect(calls).toBe(0);
  });

  it('does not call back for a released savepoint within one that rolled back', async () => {
    await dataSource.transaction(async (outer) => {
      await outer
        .transaction(async (middle) => {
          await middle.transaction((inner) => {
            subscriber.after(inner, callback);
            return Promise.resolve();
          });
          throw new Error('changed my mind');
        })
        .catch(() => undefined);
    });
    expect(calls).toBe(0);
  });

  it('calls back for the savepoint after the one that rolled back', async () => {
    await dataSource.transaction(async (outer) => {
      const inside = (fail: boolean): Promise<void> =>
        outer.transaction((inner) => {
          subscriber.after(inner, callback);
          return fail ? Promise.reject(new Error('changed my mind')) : Promise.resolve();
        });
      await inside(true).catch(() => undefined);
      await inside(false);
    });
    expect(calls).toBe(1);
  });

  it('knows the commit of a transaction that began before it was there', async () => {
    const late = new AfterCommitSubscriber();
    const { subscribers } = dataSource;
    await runner.startTransaction();
    subscribers.push(late);
    await runner.startTransaction();
    late.after(runner.manager, callback);
    await runner.commitTransaction();
    await runner.commitTransaction();
    subscribers.pop();
    expect(calls).toBe(1);
  });

  it('waits for the outermost of several nested transactions', async () => {
    const seen: number[] = [];
    await dataSource.transaction(async (outer) => {
      await outer.transaction(async (middle) => {
        await middle.transaction((inner) => {
          subscriber.after(inner, callback);
          return Promise.resolve();
        });
        seen.push(calls);
      });
      seen.push(calls);
    });
    expect([...seen, calls]).toEqual([0, 0, 1]);
  });

  it('keeps the transactions of different connections apart', async () => {
    const other = dataSource.createQueryRunner();
    await runner.startTransaction();
    await other.startTransaction();
    subscriber.after(runner.manager, callback);
    await other.commitTransaction();
    const before = calls;
    await runner.commitTransaction();
    await other.release();
    expect([before, calls]).toEqual([0, 1]);
  });

  it('does not call back when the commit fails', async () => {
    await runner.query('create table parent (id int primary key)');
    await runner.query('create table child (id int references parent deferrable initially deferred)');
    await runner.startTransaction();
    await runner.query('insert into child values (1)');
    subscriber.after(runner.manager, callback);
    await runner.commitTransaction().catch(() => runner.rollbackTransaction());
    expect(calls).toBe(0);
  });
});
