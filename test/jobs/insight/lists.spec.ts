import { JobInsight, JobType, type StalledOptions, type WorkloadOptions } from '../../../lib/index.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('refund.review', { plan: 'refunds', step: 2, candidates: ['role:support'] })
class ReviewRefund {}

@JobType('account.verify')
class VerifyAccount {}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('Lists of insight', () => {
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

  describe('of what stalls', () => {
    async function stalled(options: StalledOptions): Promise<string[]> {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await insight.stalled({ ...options, ...(after === undefined ? {} : { after }) });
        found.push(...page.jobs.map(({ targetId }) => targetId));
        after = page.next ?? undefined;
      } while (after !== undefined);
      return found;
    }

    it('say who stands where, and since when', async () => {
      const page = await fixture.dataSource.transaction(async (manager) => {
        clock.offset = -3 * DAY;
        const target = { type: 'Refund', id: 'r1' };
        await fixture.jobs.request(ReviewRefund, { target, assignee: 'user:7', tenant: 'acme', manager });
        clock.offset = 0;
        await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: 'r2' }, manager });
        return insight.stalled({ olderThan: '2d', manager });
      });
      expect(page).toEqual({
        at: expect.any(Date) as Date,
        jobs: [
          {
            id: expect.any(String) as string,
            type: 'refund.review',
            plan: 'refunds',
            step: 2,
            targetType: 'Refund',
            targetId: 'r1',
            tenant: 'acme',
            assignee: 'user:7',
            since: new Date(page.at.getTime() - 3 * DAY),
            age: 3 * DAY,
          },
        ],
        next: null,
      });
    });

    it('hold what is exactly as old as the threshold', async () => {
      const counts = await fixture.dataSource.transaction(async (manager) => {
        await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: 'r1' }, manager });
        clock.offset = DAY;
        const [at, before] = [DAY, DAY + 1].map((olderThan) => insight.stalled({ olderThan, manager }));
        return [(await at!).jobs.length, (await before!).jobs.length];
      });
      expect(counts).toEqual([1, 0]);
    });

    it('go on where a page ended, without losing or repeating any, even of one moment', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_id, created_at)
         select 'refund.review', i::text, now() - interval '10 days' - (i / 10) * interval '1 microsecond' from generate_series(1, 95) i`,
      );
      const found = await stalled({ olderThan: '1d', limit: 7 });
      expect([found.length, new Set(found).size]).toEqual([95, 95]);
      expect(found).toEqual(await stalled({ olderThan: '1d', limit: 1_000 }));
    });

    it('are those of a plan, type or tenant when asked for, and never of closed jobs', async () => {
      await fixture.rows(
        `insert into jobs_job (type, plan, tenant, target_id, status, closed_at, created_at)
         select type, plan, tenant, id, status, case when status <> 'pending' then now() end, now() - interval '9 days' from (values
           ('refund.review', 'refunds', '', 'a', 'pending'), ('account.verify', null, '', 'b', 'pending'),
           ('account.verify', null, 'acme', 'c', 'pending'), ('refund.review', 'refunds', '', 'd', 'completed')) j(type, plan, tenant, id, status)`,
      );
      expect(await stalled({ olderThan: '1d' })).toEqual(['a', 'b', 'c']);
      expect(await stalled({ olderThan: '1d', plan: 'refunds' })).toEqual(['a']);
      expect(await stalled({ olderThan: '1d', types: [VerifyAccount] })).toEqual(['b', 'c']);
      expect(await stalled({ olderThan: '1d', tenant: 'acme' })).toEqual(['c']);
      expect(await stalled({ olderThan: '10d' })).toEqual([]);
    });

    it.each([
      ['no threshold', {}, /stalled: option olderThan must be milliseconds or text/],
      ['a negative threshold', { olderThan: -1 }, /is not a duration that can be waited for/],
      [
        'a position of its own making',
        { olderThan: '1d', after: '1;drop' },
        /option after must be what a page gave as next/,
      ],
      ['a position beyond all ids', { olderThan: '1d', after: '1.9223372036854775808' }, /option after must be/],
      ['a page of nothing', { olderThan: '1d', limit: 0 }, /option limit must be an integer from 1 to 1000/],
    ])('refuse %s', async (_, options, message) => {
      await expect(insight.stalled(options as StalledOptions)).rejects.toThrow(message);
    });
  });

  describe('of who has what to do', () => {
    it('count what is open, overdue and claimed, and say since when', async () => {
      const { page, at } = await fixture.dataSource.transaction(async (manager) => {
        const request = async (id: string, options: object): Promise<string> =>
          (await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id }, manager, ...options })).job.id;
        clock.offset = -2 * DAY;
        await request('1', { assignee: 'user:1', dueIn: '1d' });
        const claimed = await request('2', { assignee: 'user:1', dueIn: '2d' });
        await request('3', { assignee: 'user:2', dueIn: '3d' });
        await fixture.jobs.claim(claimed, { by: 'user:1', manager });
        clock.offset = -DAY;
        const free = await request('4', {});
        await fixture.jobs.claim(free, { by: 'user:9', lapsesIn: '2h', manager });
        clock.offset = 0;
        const done = await request('5', { assignee: 'user:3' });
        await fixture.jobs.complete(done, { manager });
        const answer = await insight.workload({ manager });
        return { page: answer, at: answer.at.getTime() };
      });
      expect(page).toEqual({
        at: page.at,
        assignees: [
          { assignee: 'user:1', open: 2, overdue: 2, claimed: 1, oldestSince: new Date(at - 2 * DAY) },
          { assignee: 'user:2', open: 1, overdue: 0, claimed: 0, oldestSince: new Date(at - 2 * DAY) },
        ],
        unassigned: { open: 1, overdue: 0, claimed: 0, oldestSince: new Date(at - DAY) },
        next: null,
      });
    });

    async function assignees(options: WorkloadOptions): Promise<string[]> {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await insight.workload({ ...options, ...(after === undefined ? {} : { after }) });
        found.push(...page.assignees.map(({ assignee }) => assignee));
        after = page.next ?? undefined;
      } while (after !== undefined);
      return found;
    }

    it('go on where a page ended, those with as many jobs in the order of their names', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_id, assignee) select 'refund.review', i || '.' || j, 'user:' || i
         from generate_series(1, 23) i, generate_series(1, 1 + i % 3) j`,
      );
      const all = await assignees({ limit: 1_000 });
      expect(all).toHaveLength(23);
      expect(all.slice(0, 2)).toEqual(['user:11', 'user:14']);
      expect(await assignees({ limit: 4 })).toEqual(all);
    });

    it('say that nobody is left without an assignee', async () => {
      await fixture.rows(`insert into jobs_job (type, assignee) values ('refund.review', 'user:1')`);
      expect((await insight.workload()).unassigned).toEqual({ open: 0, overdue: 0, claimed: 0, oldestSince: null });
    });

    it.each([
      ['a position of its own making', { after: 'user:1' }, /workload: option after must be what a page gave as next/],
      ['a position with a NUL', { after: '1.user:\0' }, /option after must be what a page gave as next/],
      ['too long a page', { limit: 1_001 }, /option limit must be an integer from 1 to 1000/],
    ])('refuse %s', async (_, options, message) => {
      await expect(insight.workload(options)).rejects.toThrow(message);
    });
  });

  describe('of points of a curve', () => {
    const complete = (): Promise<unknown> =>
      fixture.rows(
        `insert into jobs_job (type, target_id, status, created_at, closed_at)
         select 'refund.review', i::text, 'completed', now() - interval '5 days', now() - interval '5 days' + i * interval '1 minute' from generate_series(1, 1000) i`,
      );

    it('are all there are when they are few, and as many as asked for when they are many', async () => {
      await complete();
      const [all] = (await insight.timeToComplete({ points: 1_000 })).types;
      const [some] = (await insight.timeToComplete({ points: 10 })).types;
      expect([all!.curve.length, some!.curve.length]).toEqual([1_000, 10]);
      expect(all!.curve).toEqual(expect.arrayContaining(some!.curve as never[]));
      expect(some!.curve.at(-1)).toEqual({
        age: 1_000 * 60_000,
        atRisk: 1,
        survival: 0,
        incidence: expect.closeTo(1, 9) as number,
      });
      expect(some!.median).toBe(all!.median);
    });

    it('leave no more than a step of the asked size between them', async () => {
      await complete();
      const [type] = (await insight.timeToComplete({ points: 20 })).types;
      const shares = [1, ...type!.curve.map(({ survival }) => survival)];
      const drops = shares.slice(1).map((share, index) => shares[index]! - share);
      expect(Math.max(...drops)).toBeLessThan(2 / 19);
    });

    it('come with no median while the curve stays above one half', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_id, status, created_at, closed_at)
         select 'refund.review', i::text, case when i < 50 then 'completed' else 'pending' end, now() - interval '5 days',
           case when i < 50 then now() end from generate_series(0, 99) i`,
      );
      const median = async (): Promise<unknown> => (await insight.timeToComplete()).types[0]?.median;
      expect(await median()).toBe(5 * DAY);
      await fixture.rows(
        `insert into jobs_job (type, target_id, created_at) values ('refund.review', 'x', now() - interval '6 days')`,
      );
      expect(await median()).toBeNull();
    });

    it('are of the last ninety days unless told otherwise', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_id, created_at) select 'refund.review', d::text, now() - d * interval '1 day' from unnest('{1,89,91,400}'::int[]) d`,
      );
      const jobs = async (options: object): Promise<unknown> => (await insight.timeToComplete(options)).types[0]?.jobs;
      expect([await jobs({}), await jobs({ created: { from: new Date(0) } })]).toEqual([2, 4]);
    });

    it.each([
      ['one point', { points: 1 }, /timeToComplete: option points must be an integer from 2 to 1000/],
      ['a span that is none', { created: new Date() }, /created/],
    ])('refuse %s', async (_, options, message) => {
      await expect(insight.timeToComplete(options as never)).rejects.toThrow(message);
    });
  });
});
