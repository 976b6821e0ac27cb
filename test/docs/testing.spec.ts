import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
// #region set-up
import { Test, type TestingModule } from '@nestjs/testing';
import { JobsTesting, JobsTestingModule, jobsMatchers } from '../../lib/testing/index.js';
// #endregion
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { JobsModule } from '../../lib/index.js';
import { isolatedSchema, type JobsTestingMode } from '../../lib/testing/index.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import {
  Order,
  OrderCompleted,
  Orders,
  PaymentCompleted,
  PaymentReminded,
  Payments,
  ReviewOrder,
  ShipOrder,
  ShopModule,
} from '../testing/support/shop.js';
import { ShopUnderTest } from '../testing/support/shop-under-test.js';

const PAGE = readFileSync(join(__dirname, '../../docs/testing.md'), 'utf8');

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
});
afterAll(() => database.drop());

@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: () => typeormOptions(database) }),
    JobsModule.forRoot(),
    ShopModule,
  ],
})
class AppModule {}

// #region set-up
expect.extend(jobsMatchers);

describe('A completed payment', () => {
  let app: TestingModule;
  let jobs: JobsTesting;

  beforeAll(async () => {
    app = await Test.createTestingModule({
      imports: [AppModule, JobsTestingModule.forRoot({ mode: 'manual' })],
    }).compile();
    await app.init();
    jobs = app.get(JobsTesting);
  });
  afterAll(() => app.close());

  it('completes its order', async () => {
    await app.get(Payments).open('p1', 'o1');
    await app.get(Payments).complete('p1');
    await jobs.drain();
    expect(jobs).toHaveDelivered(PaymentCompleted, { paymentId: 'p1' }, { to: 'orders.complete' });
    expect(await app.get(Orders).statusOf('o1')).toBe('completed');
  });
});
// #endregion

describe.each<JobsTestingMode>(['inline', 'manual'])('The page on testing, mode %s', (mode) => {
  let shop: ShopUnderTest;
  let jobs: JobsTesting;
  let payments: Payments;
  let orders: Orders;
  let dataSource: DataSource;

  beforeAll(async () => {
    shop = await ShopUnderTest.start(mode);
    ({ jobs, payments, orders, dataSource } = shop);
  });
  afterAll(() => shop.close());

  const run = async (): Promise<unknown> => (mode === 'inline' ? jobs.settled() : jobs.drain());

  describe('outside of a transaction', () => {
    beforeEach(async () => {
      await shop.reset();
      await payments.open('p1', 'o1');
    });

    if (mode === 'inline') {
      it('has receivers run at the commit', async () => {
        // #region inline
        await payments.complete('p1');
        await jobs.settled();
        expect(await orders.statusOf('o1')).toBe('completed');
        // #endregion
      });
    } else {
      it('has the test run them', async () => {
        // #region drain
        await payments.complete('p1');
        const runs = await jobs.drain();
        expect(runs.map(({ receiver, outcome }) => [receiver, outcome])).toEqual([
          ['orders.complete', 'succeeded'],
          ['mailer.receipt', 'succeeded'],
          ['orders.review', 'succeeded'],
        ]);
        // #endregion
      });
    }

    it('looks at what happened', async () => {
      await payments.complete('p1');
      await run();
      await shop.todo.request(ShipOrder, { target: 'o1' });
      await shop.todo.complete(ShipOrder, { target: 'o1' });
      // #region matchers
      expect(jobs).toHaveEmitted(PaymentCompleted, { paymentId: 'p1' }, { times: 1 });
      expect(jobs).not.toHaveEmitted(PaymentReminded);
      expect(jobs).toHaveEmittedInOrder([PaymentCompleted, OrderCompleted]);
      expect(jobs).toHaveDelivered(PaymentCompleted, undefined, { to: 'orders.complete' });
      expect(jobs).toHaveRequested(ReviewOrder, { target: 'o1' });
      expect(jobs).toHaveCompleted(ShipOrder, { target: 'o1', outcome: null });
      // #endregion
    });

    it('tells scenarios', async () => {
      // #region scenario
      const order = await jobs
        .scenario(() => payments.complete('p1'))
        .until(() => dataSource.manager.findOneBy(Order, { id: 'o1', status: 'completed' }));
      expect(order.id).toBe('o1');
      const event = await jobs.scenario(new PaymentCompleted('p1', 'o1')).untilEmitted(OrderCompleted);
      expect(event).toEqual(new OrderCompleted('o1'));
      // #endregion
    });

    it('runs one receiver', async () => {
      // #region deliver
      const receipt = await jobs.deliver('mailer.receipt', new PaymentCompleted('p1', 'o1'), {
        attempt: 3,
        transaction: 'rollback',
      });
      expect(receipt.outcome).toBe('succeeded');
      // #endregion
      expect(shop.journal.entries).toEqual(['receipt for p1, attempt 3']);
    });

    it('moves time', async () => {
      await shop.todo.request(ShipOrder, { target: 'o1' });
      await payments.remindIn('p1', '2h');
      // #region clock
      jobs.clock.advance('2h');
      await jobs.clock.travelTo(new Date('2031-01-01T00:00:00Z'));
      await jobs.sweep(); // expiry, due times, snoozes
      await jobs.purge(); // retention
      // #endregion
      expect(jobs.facts('expired', ShipOrder)).toHaveLength(1);
      await run();
      expect(jobs).toHaveDelivered(PaymentReminded);
    });
  });

  describe('around each test', () => {
    // #region transaction
    beforeEach(() => jobs.startTransaction());
    afterEach(() => jobs.rollbackTransaction());
    // #endregion

    it.each([1, 2])('a transaction is rolled back (%i)', async () => {
      expect(await orders.statusOf('o7')).toBeUndefined();
      await payments.open('p7', 'o7');
      await payments.complete('p7');
      await run();
      expect(await orders.statusOf('o7')).toBe('completed');
    });
  });
});

describe('Workers of a test runner', () => {
  const given = process.env['DATABASE_URL'];
  beforeEach(() => {
    process.env['DATABASE_URL'] = database.url;
  });
  afterEach(() => {
    process.env['DATABASE_URL'] = given;
  });

  it('have tables of their own', async () => {
    // #region schema
    const url = process.env['DATABASE_URL'];
    const schema = await isolatedSchema(url); // test_1, test_2, …, emptied
    const app = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, schema, synchronize: true, autoLoadEntities: true }),
        JobsModule.forRoot({ schema }),
        ShopModule,
        JobsTestingModule.forRoot(),
      ],
    }).compile();
    // #endregion
    await app.init();
    await app.get(Payments).open('p1', 'o1');
    await app.get(Payments).complete('p1');
    expect(await app.get(JobsTesting).drain()).toHaveLength(3);
    await app.close();
  });
});

it('shows on the page what is run here, to the letter, and nothing else', () => {
  const here = readFileSync(__filename, 'utf8').replaceAll('../../lib/testing/index.js', 'nestjs-jobs/testing');
  const regions = new Map<string, string>();
  for (const [, name = '', code = ''] of here.matchAll(/\/\/ #region (\S+)\n([\s\S]*?)\n *\/\/ #endregion/g)) {
    regions.set(name, [...(regions.has(name) ? [regions.get(name)] : []), flushLeft(code)].join('\n\n'));
  }
  const shown = [...PAGE.matchAll(/```ts\n([\s\S]*?)\n```/g)].map(([, code = '']) => code);
  expect(shown).toEqual([...regions.values()]);
});

function flushLeft(code: string): string {
  const indent = /^ */.exec(code)?.[0] ?? '';
  return code
    .split('\n')
    .map((line) => line.slice(indent.length))
    .join('\n');
}
