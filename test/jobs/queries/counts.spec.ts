import { postgresPool } from '../../../lib/engine/database/postgres-driver.js';
import type { JobsService } from '../../../lib/jobs/jobs.service.js';
import type { JobFacet } from '../../../lib/jobs/queries/job-facets.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import { JobType } from '../../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('refund.review', { outcomes: ['granted', 'refused'], candidates: ['role:support'] })
class ReviewRefund {}

@JobType('phone.call')
class Call {}

describe('Counting jobs', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let queries: JobQueries;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [ReviewRefund, Call] });
    ({ jobs } = app);
    queries = app.application.context.get(JobQueries, { strict: false });
    const { job: snoozed } = await jobs.request(Call, { key: '1', assignee: 'user:anna', tags: ['red', 'blue'] });
    await jobs.snooze(snoozed, '1d');
    await jobs.request(Call, { key: '2', assignee: 'user:anna', tags: ['red'], tenant: 'acme' });
    await jobs.request(Call, { key: '3', assignee: 'user:bert' });
    const { job: granted } = await jobs.request(ReviewRefund, { key: '4', target: { type: 'Refund', id: '1' } });
    await jobs.complete(granted, { outcome: 'granted' });
    await jobs.request(ReviewRefund, { key: '5' });
    const { job: claimed } = await jobs.request(ReviewRefund, { key: '6' });
    await jobs.claim(claimed, { by: 'user:bert' });
  });
  afterAll(() => app.close());

  const of = (value: string | null, count: number): object => ({ value, count });

  it.each<readonly [JobFacet, readonly object[]]>([
    ['type', [of('phone.call', 3), of('refund.review', 3)]],
    ['status', [of('pending', 5), of('completed', 1)]],
    ['phase', [of('open', 3), of('claimed', 1), of('snoozed', 1), of(null, 1)]],
    ['outcome', [of(null, 5), of('granted', 1)]],
    ['reason', [of(null, 5), of('done', 1)]],
    ['assignee', [of(null, 3), of('user:anna', 2), of('user:bert', 1)]],
    ['claimedBy', [of(null, 5), of('user:bert', 1)]],
    ['tags', [of('red', 2), of('blue', 1)]],
    ['tenant', [of(null, 5), of('acme', 1)]],
    ['targetType', [of(null, 5), of('Refund', 1)]],
    ['step', [of(null, 6)]],
  ])('by %s says how many have which value', async (facet, expected) => {
    expect(await queries.facets([facet])).toEqual({ facets: { [facet]: expected }, counted: 6, capped: false });
  });

  it('by several facets counts what meets the filter', async () => {
    expect(
      await queries.facets(['status', 'assignee', 'tags'], { types: Call, or: [{ tags: 'red' }, { tags: 'blue' }] }),
    ).toEqual({
      facets: { status: [of('pending', 2)], assignee: [of('user:anna', 2)], tags: [of('red', 2), of('blue', 1)] },
      counted: 2,
      capped: false,
    });
  });

  it('looks at no more jobs than its limit, and says so', async () => {
    const { counted, capped } = await queries.facets(['status'], {}, { limit: 3 });
    expect([counted, capped]).toEqual([4, true]);
  });

  it('gives no more values than asked for, the most frequent ones', async () => {
    expect((await queries.facets(['assignee'], {}, { values: 1 })).facets).toEqual({ assignee: [of(null, 3)] });
  });

  it('of what cannot be finds nothing', async () => {
    expect(await queries.facets(['type', 'tags'], { status: 'completed', overdue: true })).toEqual({
      facets: { type: [], tags: [] },
      counted: 0,
      capped: false,
    });
  });

  it.each<readonly [string, readonly unknown[], object, string]>([
    ['an unknown facet', ['kind'], {}, "facets: option facets[0] must be 'type' or 'status'"],
    ['no facet', [], {}, 'facets: option facets must be a list of any of type'],
    ['too many values', ['type'], { values: 1_001 }, 'facets: option values must be an integer from 1 to 1000'],
  ])('refuses %s', async (_, facets, options, message) => {
    await expect(queries.facets(facets as JobFacet[], {}, options)).rejects.toThrow(message);
  });

  describe('for badges', () => {
    const actors = [
      { id: 'user:anna', roles: ['role:support'] },
      { id: 'user:bert', roles: ['role:support'] },
      { id: 'user:anna', tenant: 'acme' },
      { id: 'user:nobody' },
    ] as const;

    it('says of each of many what is theirs: assigned, claimed, or free for them', async () => {
      expect(await queries.badges(actors)).toEqual([
        { actor: 'user:anna', count: 3, capped: false },
        { actor: 'user:bert', count: 3, capped: false },
        { actor: 'user:anna', count: 1, capped: false },
        { actor: 'user:nobody', count: 0, capped: false },
      ]);
    });

    it('counts by a filter, up to a limit', async () => {
      expect(await queries.badges(actors.slice(0, 2), { types: Call }, { limit: 1 })).toEqual([
        { actor: 'user:anna', count: 1, capped: true },
        { actor: 'user:bert', count: 1, capped: false },
      ]);
    });

    it('is the same as listing what is mine', async () => {
      const lists = await Promise.all(actors.map((mine) => queries.list({ mine, status: 'pending' })));
      expect((await queries.badges(actors)).map(({ count }) => count)).toEqual(
        lists.map(({ jobs: { length } }) => length),
      );
    });

    it('of nobody is empty', async () => {
      expect(await queries.badges([])).toEqual([]);
    });

    it('refuses what is no actor, and names it', async () => {
      await expect(queries.badges([{ id: 'user:1' }, { id: 'anna' as 'user:anna' }])).rejects.toThrow('actors[1].id');
    });

    it('of a thousand actors is one statement', async () => {
      const sent = jest.spyOn(postgresPool(app.dataSource), 'query');
      const many = Array.from(
        { length: 1_000 },
        (_, index) => ({ id: `user:${index}`, roles: ['role:support'] }) as const,
      );
      const badges = await queries.badges([...many.slice(1), { id: 'user:anna' }]);
      expect([badges.length, badges.at(-1)?.count, sent.mock.calls.length]).toEqual([1_000, 2, 1]);
      sent.mockRestore();
    });
  });
});
