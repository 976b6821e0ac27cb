import type { EventEmitter } from 'node:events';
import { ReliableEvents } from '../../lib/index.js';
import { jobsMatchers } from '../../lib/testing/index.js';
import { Order, OrderCompleted, Payment, PaymentCompleted, ReviewOrder, ShipOrder } from './support/shop.js';
import { ShopUnderTest } from './support/shop-under-test.js';

expect.extend(jobsMatchers);

describe.each(['manual', 'inline'] as const)('a test in a transaction that is rolled back, mode %s', (mode) => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start(mode);
  });
  afterAll(async () => {
    expect(await shop.count('jobs_event')).toBe(0);
    expect(await shop.count('"order"')).toBe(0);
    expect(await shop.count('jobs_job')).toBe(0);
    await shop.close();
  });
  beforeEach(async () => {
    await shop.jobs.startTransaction();
    shop.journal.entries.length = 0;
    shop.journal.mailFailures = 0;
    await shop.payments.open('p1', 'o1');
  });
  afterEach(async () => {
    await shop.jobs.rollbackTransaction();
    shop.jobs.clock.reset();
  });

  async function run(): Promise<void> {
    await (mode === 'inline' ? shop.jobs.settled() : shop.jobs.drain());
  }

  it.each([1, 2])('runs receivers in it, and begins anew each time (%i)', async () => {
    await shop.payments.complete('p1');
    await run();
    expect(shop.journal.entries).toEqual(['completed o1', 'receipt for p1, attempt 1', 'to be reviewed o1']);
    expect(shop.jobs).toHaveRequested(ReviewOrder, { target: 'o1' });
    expect(await shop.orders.statusOf('o1')).toBe('completed');
  });

  it('takes the rollback of the application for one', async () => {
    await expect(shop.payments.complete('p1', { fail: true })).rejects.toThrow('changed its mind');
    await run();
    expect(shop.jobs).not.toHaveEmitted(PaymentCompleted);
    expect(await shop.dataSource.manager.findOneBy(Payment, { id: 'p1' })).toMatchObject({ status: 'initiated' });
  });

  it('outlives statements that fail, in a transaction and beside one', async () => {
    await expect(shop.dataSource.query('select no_such_column')).rejects.toThrow('no_such_column');
    await expect(
      shop.dataSource.transaction(async (manager) => {
        await manager.save(Order, { id: 'o2', status: 'placed' });
        await manager.transaction((inner) => inner.query('select no_such_column')).catch(() => undefined);
        await manager.save(Order, { id: 'o3', status: 'placed' });
        await manager.query('select no_such_column').catch(() => undefined);
        await manager.save(Order, { id: 'o4', status: 'placed' });
      }),
    ).rejects.toThrow('current transaction is aborted');
    expect(await shop.count('"order"')).toBe(1);
    await shop.dataSource.transaction(async (manager) => {
      await manager.transaction((inner) => inner.query('select no_such_column')).catch(() => undefined);
      await manager.save(Order, { id: 'o3', status: 'placed' });
    });
    expect(await shop.count('"order"')).toBe(2);
  });

  it('nests transactions that are open at the same time', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        shop.dataSource.transaction((manager) => manager.save(Order, { id, status: 'placed' })),
      ),
    );
    expect(await shop.count('"order"')).toBe(4);
  });

  it('follows the clock: delays, retries and expiry', async () => {
    await shop.payments.remindIn('p1', '2h');
    await shop.todo.request(ShipOrder, { target: 'o1' });
    await run();
    await shop.letAnotherPass();
    shop.jobs.clock.advance('2h');
    expect(await shop.jobs.drain()).toMatchObject([{ receiver: 'mailer.remind' }]);
    shop.journal.mailFailures = 1;
    await shop.payments.complete('p1');
    await run().catch(() => undefined);
    shop.jobs.clock.advance('10m');
    expect(await shop.jobs.drain()).toMatchObject([{ receiver: 'mailer.receipt', attempt: 2 }]);
    shop.jobs.clock.advance('8d');
    expect(await shop.jobs.sweep()).toMatchObject({ expired: 1 });
  });

  it('fails when its connection is lost, and the process goes on', async () => {
    await shop.payments.complete('p1');
    await run();
    await expect(shop.dataSource.query('select pg_terminate_backend(pg_backend_pid())')).rejects.toThrow('onnection');
    await expect(shop.dataSource.query('select 1')).rejects.toThrow('onnection');
  });

  it('is begun once at a time', async () => {
    await expect(shop.jobs.startTransaction()).rejects.toThrow('call rollbackTransaction() in afterEach');
  });
});

describe.each(['manual', 'inline'] as const)('a test that rolls back its own transaction, mode %s', (mode) => {
  let shop: ShopUnderTest;

  beforeAll(async () => {
    shop = await ShopUnderTest.start(mode);
  });
  afterAll(() => shop.close());

  it('is joined: the end of a savepoint counts as a commit', async () => {
    const queryRunner = shop.dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    const leave = await shop.jobs.joinTransaction(queryRunner.manager);
    const events = shop.module.get(ReliableEvents, { strict: false });
    const run = (): Promise<unknown> => (mode === 'inline' ? shop.jobs.settled() : shop.jobs.drain());

    await queryRunner.manager.save(Order, { id: 'o1', status: 'placed' });
    await queryRunner.manager.transaction(async (manager) => {
      await events.emit(new OrderCompleted('o1'), { manager });
      expect(shop.jobs).not.toHaveEmitted(OrderCompleted);
    });
    expect(shop.jobs).toHaveEmitted(OrderCompleted);
    await run();
    expect(shop.journal.entries).toEqual(['to be reviewed o1']);
    await events.emit(new OrderCompleted('o1'), { manager: queryRunner.manager });
    await run();
    expect(shop.journal.entries).toHaveLength(2);
    await leave();
    await queryRunner.rollbackTransaction();
    await queryRunner.release();
    expect(await shop.count('jobs_event')).toBe(0);
    expect(await shop.count('jobs_job')).toBe(0);
  });

  it('has one listener for the loss of its connection, however many use it', async () => {
    const queryRunner = shop.dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    const connection = (await queryRunner.connect()) as EventEmitter;
    const leave = await shop.jobs.joinTransaction(queryRunner.manager);
    const listeners = await shop.dataSource.transaction(() => Promise.resolve(connection.listenerCount('error')));
    await leave();
    await queryRunner.rollbackTransaction();
    await queryRunner.release();
    expect(listeners).toBe(1);
  });

  it('must have begun it', async () => {
    await expect(shop.jobs.joinTransaction(shop.dataSource.manager)).rejects.toThrow('without an open transaction');
  });
});
