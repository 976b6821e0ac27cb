import type { EntityManager } from 'typeorm';
import { JobInsight, JobType } from '../../../lib/index.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('refund.review')
class ReviewRefund {}

@JobType('account.verify')
class VerifyAccount {}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('What is pending', () => {
  const clock = { offset: 0 };
  let fixture: JobApplication;
  let insight: JobInsight;

  beforeAll(async () => {
    fixture = await JobApplication.start({ providers: [ReviewRefund, VerifyAccount], jobs: { clock } });
    insight = fixture.application.context.get(JobInsight, { strict: false });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    clock.offset = 0;
    await fixture.clear();
  });

  /** Within a transaction the database's clock stands still. */
  const frozen = <Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> =>
    fixture.dataSource.transaction(work);

  async function requestAged(manager: EntityManager, ages: readonly number[], tenant?: string): Promise<void> {
    for (const [index, age] of ages.entries()) {
      clock.offset = -age;
      const target = { type: 'Refund', id: String(index) };
      await fixture.jobs.request(ReviewRefund, { target, manager, ...(tenant === undefined ? {} : { tenant }) });
    }
    clock.offset = 0;
  }

  it('has its exact age under a clock that stands still', async () => {
    const figures = await frozen(async (manager) => {
      await requestAged(manager, [HOUR, 2 * DAY, 10 * MINUTE, 5 * DAY]);
      return insight.pending({ manager });
    });
    expect(figures.types).toEqual([
      expect.objectContaining({ type: 'account.verify', provided: true, count: 0, age: null, oldestSince: null }),
      {
        type: 'refund.review',
        provided: true,
        count: 4,
        age: {
          mean: (HOUR + 7 * DAY + 10 * MINUTE) / 4,
          p50: (HOUR + 2 * DAY) / 2,
          p90: expect.closeTo(2 * DAY + 0.7 * 3 * DAY, 3) as number,
          p99: expect.closeTo(2 * DAY + 0.97 * 3 * DAY, 3) as number,
          oldest: 5 * DAY,
        },
        oldestSince: new Date(figures.at.getTime() - 5 * DAY),
        columns: [
          { from: 0, to: HOUR, count: 1 },
          { from: HOUR, to: DAY, count: 1 },
          { from: DAY, to: 3 * DAY, count: 1 },
          { from: 3 * DAY, to: 7 * DAY, count: 1 },
          { from: 7 * DAY, to: 30 * DAY, count: 0 },
          { from: 30 * DAY, to: null, count: 0 },
        ],
      },
    ]);
  });

  it('ages with the clock', async () => {
    const ages = await frozen(async (manager) => {
      await requestAged(manager, [HOUR]);
      clock.offset = 3 * HOUR;
      const { types } = await insight.pending({ types: [ReviewRefund], manager });
      return types.map(({ age }) => age?.oldest);
    });
    expect(ages).toEqual([4 * HOUR]);
  });

  it('is counted in the columns asked for, each with its beginning and without its end', async () => {
    const [type] = await frozen(async (manager) => {
      await requestAged(manager, [MINUTE - 1, MINUTE, 2 * MINUTE - 1, 2 * MINUTE]);
      return (await insight.pending({ types: [ReviewRefund], bounds: ['1m', 2 * MINUTE], manager })).types;
    });
    expect(type?.columns.map(({ count }) => count)).toEqual([1, 2, 1]);
  });

  it('has the percentiles PostgreSQL computes, for any number of jobs', async () => {
    for (const count of [1, 2, 3, 10, 101]) {
      await frozen(async (manager) => {
        await manager.query('delete from jobs_job');
        await manager.query(
          `insert into jobs_job (type, target_id, created_at) select 'refund.review', i::text, now() - random() * interval '90 days' from generate_series(1, $1::int) i`,
          [count],
        );
        const [expected] = await manager.query<{ ages: string }[]>(
          `select jsonb_build_array(percentile_cont(0.5) within group (order by age), percentile_cont(0.9) within group (order by age),
             percentile_cont(0.99) within group (order by age), avg(age))::text as ages
           from (select date_part('epoch', now() - created_at) * 1000 as age from jobs_job) aged`,
        );
        const { types } = await insight.pending({ types: [ReviewRefund], manager });
        const { p50, p90, p99, mean } = types[0]!.age!;
        const close = (JSON.parse(expected!.ages) as number[]).map((age) => expect.closeTo(age, 2) as number);
        expect([p50, p90, p99, mean]).toEqual(close);
      });
    }
  });

  it('is that of one tenant when asked for, and of jobs without one for the empty text', async () => {
    const counts = await frozen(async (manager) => {
      await requestAged(manager, [HOUR, DAY], 'acme');
      await requestAged(manager, [2 * DAY]);
      const all = await insight.pending({ types: [ReviewRefund], manager });
      const acme = await insight.pending({ types: [ReviewRefund], tenant: 'acme', manager });
      const none = await insight.pending({ types: [ReviewRefund], tenant: '', manager });
      return [all, acme, none].map(({ types }) => [types[0]?.count, types[0]?.age?.p50]);
    });
    expect(counts).toEqual([
      [3, DAY],
      [2, (HOUR + DAY) / 2],
      [1, 2 * DAY],
    ]);
  });

  it('is also told of types no module provides any more, and of closed jobs not at all', async () => {
    await fixture.rows(`insert into jobs_job (type) values ('old.type')`);
    await fixture.rows(`insert into jobs_job (type, status, closed_at) values ('done.type', 'completed', now())`);
    const { types } = await insight.pending();
    expect(types.map(({ type, provided, count }) => [type, provided, count])).toEqual([
      ['account.verify', true, 0],
      ['old.type', false, 1],
      ['refund.review', true, 0],
    ]);
  });

  it.each([
    [
      'bounds: a text among them',
      { bounds: ['1h', 'x'] },
      /pending: option bounds\[1\]: the text 'x' is not a duration/,
    ],
    ['bounds that do not ascend', { bounds: ['2h', '1h'] }, /option bounds\[1\] must be longer than the one before/],
    ['no bounds', { bounds: [] }, /option bounds must be a list of 1 to 20 durations/],
    ['a bound of nothing', { bounds: [0] }, /option bounds\[0\] must be a duration from 1 to/],
    ['types that are no list', { types: 'refund.review' }, /option types must be a list of 1 to 100 types/],
    ['a type that is none', { types: [7] }, /option types\[0\] must be a text/],
    ['a type with a NUL', { types: ['a\0b'] }, /types\[0\]: a text with \\u0000/],
    ['a tenant that is none', { tenant: 7 }, /tenant/],
    ['a misspelt option', { tenants: 'acme' }, /Did you mean tenant/],
    ['a manager instead of options', { manager: 1 }, /option manager must be an EntityManager/],
  ])('refuses %s', async (_, options, message) => {
    await expect(insight.pending(options as never)).rejects.toThrow(message);
  });
});
