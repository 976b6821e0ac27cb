import fc from 'fast-check';
import { InvalidCursorError } from '../../../lib/errors/invalid-cursor.error.js';
import type { JobFilter } from '../../../lib/jobs/queries/job-filter.interface.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import type { JobSort } from '../../../lib/jobs/queries/job-sorts.js';
import { JobApplication } from '../../support/job-application.js';

const FILTERS: readonly JobFilter[] = [
  { status: 'pending' },
  { status: 'pending', types: ['a', 'b'] },
  { status: 'pending', mine: { id: 'user:1', roles: ['role:1', 'role:2'] } },
  { status: 'pending', or: [{ assignee: 'user:1' }, { types: 'a' }, { priority: 1 }] },
];
const SORTS: readonly JobSort[] = ['newest', 'oldest', 'priority', 'due', 'updated', 'stalest'];

/** A job in few words; times lie so close that many are equal. */
interface Seed {
  readonly type: string;
  readonly created: number;
  readonly due: number | null;
  readonly priority: number;
  readonly assignee: string | null;
  readonly candidates: readonly string[];
  readonly claimed: boolean;
}

const seed: fc.Arbitrary<Seed> = fc.record({
  type: fc.constantFrom('a', 'b', 'c'),
  created: fc.integer({ min: 0, max: 3 }),
  due: fc.option(fc.integer({ min: 0, max: 2 })),
  priority: fc.integer({ min: -1, max: 1 }),
  assignee: fc.option(fc.constantFrom('user:1', 'user:2')),
  candidates: fc.subarray(['role:1', 'role:2', 'role:3', 'user:1', 'user:3']),
  claimed: fc.boolean(),
});

/** What happens to others between two pages. */
const disturbance = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), seeds: fc.array(seed, { minLength: 1, maxLength: 5 }) }),
  fc.record({ kind: fc.constantFrom('close' as const, 'change' as const), nth: fc.nat({ max: 60 }) }),
);

describe('The cursor of a list', () => {
  let app: JobApplication;
  let queries: JobQueries;

  beforeAll(async () => {
    app = await JobApplication.start();
    queries = app.application.context.get(JobQueries, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  async function insert(seeds: readonly Seed[]): Promise<readonly string[]> {
    const rows = await app.rows<{ id: string }>(
      `insert into jobs_job (type, created_at, updated_at, due_at, priority, assignee, candidates, claimed_by, uniqueness)
       select type, t, t, timestamptz '2026-01-02' + due * interval '1 microsecond', priority, assignee, candidates,
         case when claimed then 'user:1' end, 'none'
       from (select *, timestamptz '2026-01-01 00:00:00.123456+00' + created * interval '1 microsecond' as t from
         jsonb_to_recordset($1) as s(type text, created int, due int, priority smallint, assignee text, candidates text[], claimed boolean)) s
       returning id::text`,
      [JSON.stringify(seeds)],
    );
    return rows.map(({ id }) => id);
  }

  /** Reads all pages and lets `between` happen after each. */
  async function walk(
    filter: JobFilter,
    sort: JobSort,
    limit: number,
    between: () => Promise<void>,
  ): Promise<string[]> {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await queries.list(filter, { sort, limit, ...(after === undefined ? {} : { after }) });
      seen.push(...page.jobs.map(({ id }) => id));
      after = page.next ?? undefined;
      await between();
    } while (after !== undefined);
    return seen;
  }

  it('neither misses nor repeats a job that is there throughout, whatever happens to others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seed, { maxLength: 60 }),
        fc.constantFrom(...FILTERS),
        fc.constantFrom(...SORTS),
        fc.integer({ min: 1, max: 7 }),
        fc.array(disturbance, { maxLength: 8 }),
        async (seeds, filter, sort, limit, disturbances) => {
          await app.clear();
          const ids = await insert(seeds);
          const { jobs } = await queries.list(filter, { limit: 1_000 });
          const disturbed = new Set<string>();
          const queue = [...disturbances];
          const seen = await walk(filter, sort, limit, async () => {
            const next = queue.shift();
            if (next === undefined) return;
            if (next.kind === 'insert') {
              await insert(next.seeds);
              return;
            }
            const id = ids[next.nth];
            if (id === undefined) return;
            disturbed.add(id);
            await app.rows(
              next.kind === 'close'
                ? `update jobs_job set status = 'cancelled', closed_at = now() where id = $1 and status = 'pending'`
                : `update jobs_job set priority = -priority, due_at = timestamptz '2026-01-02', updated_at = now() where id = $1`,
              [id],
            );
          });
          const throughout = jobs.map(({ id }) => id).filter((id) => !disturbed.has(id));
          const counts = throughout.map((id) => seen.filter((one) => one === id).length);
          expect(counts).toEqual(throughout.map(() => 1));
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it.each<readonly [JobSort, JobFilter]>([
    ['newest', {}],
    ['oldest', {}],
    ['closed', { status: ['completed', 'cancelled'] }],
    ...SORTS.map((sort) => [sort, { status: 'pending' }] as const),
  ])('goes through %s in one order, page after page', async (sort, filter) => {
    const seeds = Array.from({ length: 40 }, (_, index) => ({
      type: 'a',
      created: index % 5,
      due: index % 3 === 0 ? null : index % 4,
      priority: (index % 3) - 1,
      assignee: null,
      candidates: [],
      claimed: false,
    }));
    await insert(seeds);
    await app.rows(
      `update jobs_job set status = case when id % 4 = 0 then 'completed' else 'cancelled' end, closed_at = created_at where id % 2 = 0`,
    );
    const { jobs } = await queries.list(filter, { sort, limit: 1_000 });
    expect([await walk(filter, sort, 3, async () => undefined), jobs.length]).toEqual([
      jobs.map(({ id }) => id),
      'status' in filter ? 20 : 40,
    ]);
  });

  it('sorts by priority, then by what is due first, and what is never due last', async () => {
    const of = (priority: number, due: number | null): Seed => ({
      type: 'a',
      created: 0,
      due,
      priority,
      assignee: null,
      candidates: [],
      claimed: false,
    });
    const ids = await insert([of(0, null), of(0, 1), of(1, null), of(0, 0), of(-1, 0)]);
    const { jobs } = await queries.list({ status: 'pending' }, { sort: 'priority' });
    expect(jobs.map(({ id }) => ids.indexOf(id))).toEqual([2, 3, 1, 0, 4]);
  });

  describe('is refused', () => {
    const filter: JobFilter = { status: 'pending' };
    let cursor: string;

    beforeEach(async () => {
      await insert(
        Array.from({ length: 3 }, () => ({
          type: 'a',
          created: 0,
          due: null,
          priority: 0,
          assignee: null,
          candidates: [],
          claimed: false,
        })),
      );
      cursor = (await queries.list(filter, { limit: 1 })).next!;
    });

    it.each<readonly [string, (cursor: string) => unknown, string]>([
      [
        'with another character',
        (one) => `${one.slice(0, 5)}${one[5] === 'A' ? 'B' : 'A'}${one.slice(6)}`,
        'was not made here',
      ],
      [
        'with another signature',
        (one) => `${one.slice(0, -2)}${one.at(-2) === 'A' ? 'B' : 'A'}${one.slice(-1)}`,
        'was not made here',
      ],
      ['without a signature', (one) => one.split('.')[0], 'was not made here'],
      ['when it is empty', () => '', 'was not made here'],
      ['when it is very long', () => 'A'.repeat(100_000), 'was not made here'],
      ['when it holds NUL', (one) => `${one}\0`, 'was not made here'],
      ['when it is no text', () => 7, 'must be the text a page gave as next, but is number'],
      ['when it is null', () => null, 'must be the text a page gave as next, but is null'],
    ])('%s', async (_, changed, problem) => {
      const listing = queries.list(filter, { after: changed(cursor) as string });
      await expect(listing).rejects.toThrow(new InvalidCursorError('list', problem).message.replace(/\.$/, ''));
    });

    it.each<readonly [string, JobFilter, JobSort]>([
      ['another filter', { status: 'pending', types: 'a' }, 'newest'],
      ['another order', filter, 'oldest'],
    ])('for %s', async (_, other, sort) => {
      await expect(queries.list(other, { sort, after: cursor })).rejects.toThrow(
        new InvalidCursorError('list', 'belongs to another filter or order; begin again without a cursor.'),
      );
    });

    it('but not for a filter that says the same in other words', async () => {
      const other = { or: undefined, status: ['pending', 'pending'] } as unknown as JobFilter;
      expect((await queries.list(other, { after: cursor })).jobs).toHaveLength(2);
    });

    it('by nobody that was given the same secret, whatever the database holds', async () => {
      const options = { jobs: { cursorSecret: 'y'.repeat(32) } };
      const [one, other] = [await JobApplication.start(options), await JobApplication.start(options)];
      try {
        await one.rows(`insert into jobs_job (type, uniqueness) values ('a', 'none'), ('a', 'none')`);
        const [here, there] = [one, other].map(({ application }) =>
          application.context.get(JobQueries, { strict: false }),
        );
        const { next } = await here!.list(filter, { limit: 1 });
        const { jobs } = await there!.list(filter, { after: next! });
        expect([jobs, await one.count('jobs_secret')]).toEqual([[], 0]);
      } finally {
        await one.close();
        await other.close();
      }
    });

    it('when the application was given another secret', async () => {
      const other = await JobApplication.start({ jobs: { cursorSecret: 'x'.repeat(32) } });
      try {
        const there = other.application.context.get(JobQueries, { strict: false });
        await expect(there.list(filter, { after: cursor })).rejects.toThrow('was not made here');
      } finally {
        await other.close();
      }
    });
  });
});
