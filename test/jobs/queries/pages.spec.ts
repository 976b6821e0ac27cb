import type { QueryConfig } from 'pg';
import { postgresPool } from '../../../lib/engine/database/postgres-driver.js';
import { EngineDatabase } from '../../../lib/engine/database/engine-database.js';
import { BoundValues } from '../../../lib/jobs/queries/bound-values.js';
import type { JobFilter } from '../../../lib/jobs/queries/job-filter.interface.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import type { JobPosition } from '../../../lib/jobs/queries/job-page.statements.js';
import { JobReading } from '../../../lib/jobs/queries/job-reading.js';
import { type JobSort, sortOf } from '../../../lib/jobs/queries/job-sorts.js';
import { QueryChecks } from '../../../lib/jobs/queries/query-checks.js';
import { JobApplication } from '../../support/job-application.js';
import { makeManyJobs } from '../../support/many-jobs.js';
import { MeasuredPlan } from '../../support/measured-plan.js';

const OPEN = Number(process.env['OPEN_JOBS'] ?? 100_000);
const CLOSED = Number(process.env['CLOSED_JOBS'] ?? 500_000);
/** With it, each page is also read so often, and the time 95 of 100 take at most is printed. */
const TIMED = Number(process.env['TIMED_PAGES'] ?? 0);

/** Name of a database that is filled by the first run and read again by later ones; TEST_DATABASE_URL names its server. */
const KEPT = process.env['KEPT_DATABASE'];

/** What one page of jobs may cost: some for each job and each way to it, nothing for the size of the table. */
const MOST = { buffers: 8_000, sorted: 3_000 };

const anna = { id: 'user:17', roles: ['role:support', 'role:finance', 'role:rare', 'role:fourth'] } as const;
const busy = { id: 'user:busy', roles: ['role:support', 'role:finance'] } as const;

const PENDING: JobFilter = { status: 'pending' };
const SORTS = ['newest', 'oldest', 'priority', 'due'] as const;
const CLOSED_ONLY: JobFilter = { status: ['completed', 'cancelled'] };

const USUAL: readonly (readonly [string, JobFilter, readonly JobSort[]])[] = [
  ['everything', {}, ['newest', 'oldest']],
  ['all open jobs', PENDING, [...SORTS, 'updated', 'stalest']],
  ['open jobs of a common type', { ...PENDING, types: 'type.common' }, SORTS],
  ['open jobs of a rare type', { ...PENDING, types: 'type.rare' }, [...SORTS, 'stalest']],
  ['open jobs of several types', { ...PENDING, types: ['type.common', 'type.rare', 'type.7'] }, SORTS],
  ['jobs of a type, whatever became of them', { types: 'type.common' }, ['newest', 'oldest']],
  ['open jobs of somebody', { ...PENDING, assignee: 'user:17' }, SORTS],
  ['open jobs of somebody with very many', { ...PENDING, assignee: 'user:busy' }, SORTS],
  ['open jobs of several, one with very many', { ...PENDING, assignee: ['user:busy', 'user:17', 'user:1'] }, SORTS],
  ['jobs that are mine, among pools of very many', { ...PENDING, mine: anna }, SORTS],
  ['jobs that are mine, very many assigned to me', { ...PENDING, mine: busy }, SORTS],
  ['what is mine of a type', { ...PENDING, mine: anna, types: 'type.common' }, ['newest', 'priority']],
  ['what was mine', { ...CLOSED_ONLY, mine: { id: 'user:17' } }, ['newest', 'closed']],
  ['what was mine, very much of it', { ...CLOSED_ONLY, mine: busy }, ['newest', 'closed']],
  ['what somebody had, of a status', { status: 'completed', assignee: 'user:busy' }, ['oldest', 'closed']],
  ['what somebody claimed and closed', { ...CLOSED_ONLY, claimedBy: 'user:18' }, ['newest', 'closed']],
  ['free jobs of a role nobody else has', { ...PENDING, mine: { id: 'role:rare' } }, SORTS],
  ['what jobs name a role for beyond their third candidate', { ...PENDING, mine: { id: 'role:fourth' } }, SORTS],
  ['what a few jobs name a role for there', { ...PENDING, mine: { id: 'role:fifth' } }, SORTS],
  ['what next to no jobs name a role for there', { ...PENDING, mine: { id: 'role:seldom' } }, SORTS],
  ['claimed jobs', { ...PENDING, claimedBy: 'user:18' }, ['newest', 'priority']],
  ['jobs about a target', { target: { type: 'Account', id: '77' } }, ['newest']],
  [
    'open jobs about several targets',
    {
      ...PENDING,
      target: [
        { type: 'Account', id: '77' },
        { type: 'Account', id: '99' },
      ],
    },
    SORTS,
  ],
  ['overdue jobs', { overdue: true }, SORTS],
  ['jobs due soon', { dueWithin: '1d' }, ['due']],
  ['stalled jobs', { stalled: '1h' }, ['stalest', 'newest']],
  ['open jobs of a tenant', { ...PENDING, tenant: 'tenant:1' }, ['newest', 'oldest']],
  ['a step of a plan', { ...PENDING, plan: 'onboarding', step: 2 }, ['newest']],
  ['closed jobs', CLOSED_ONLY, ['closed', 'newest']],
  ['closed jobs of a type', { ...CLOSED_ONLY, types: 'type.common' }, ['closed', 'newest']],
  [
    'one or another',
    { ...PENDING, or: [{ assignee: 'user:17' }, { types: 'type.rare' }, { overdue: true, types: 'type.8' }] },
    ['priority', 'due'],
  ],
  [
    'one or another thing',
    { ...PENDING, or: [{ assignee: 'user:17' }, { types: 'type.rare' }, { plan: 'onboarding', step: 2 }] },
    ['newest', 'oldest'],
  ],
];

describe(`With ${OPEN} open and ${CLOSED} closed jobs`, () => {
  let app: JobApplication;
  let reading: JobReading;
  let queries: JobQueries;
  let database: EngineDatabase;

  beforeAll(async () => {
    app = await JobApplication.start({ keep: KEPT });
    reading = app.application.context.get(JobReading, { strict: false });
    queries = app.application.context.get(JobQueries, { strict: false });
    database = app.application.context.get(EngineDatabase, { strict: false });
    if ((await app.rows('select from jobs_job limit 1')).length === 0) {
      await makeManyJobs(app.dataSource, { open: OPEN, closed: CLOSED });
    }
  }, 3_600_000);
  afterAll(() => app.close());

  /** What work was sent, explained. */
  async function explained(work: () => Promise<unknown>): Promise<MeasuredPlan> {
    const sent = jest.spyOn(postgresPool(app.dataSource), 'query');
    await work();
    const [query] = sent.mock.calls.at(-1) as unknown as [QueryConfig];
    sent.mockRestore();
    return MeasuredPlan.of(app.dataSource, query.text, query.values);
  }

  /** A place in the middle of an order. */
  async function middleOf(sort: JobSort): Promise<JobPosition> {
    const { keys, direction, only } = sortOf(sort);
    const values = new BoundValues();
    const columns = keys.map(({ sql }, index) => `to_jsonb(${sql}) #>> '{}' as k${index}`).join(', ');
    const order = [...keys.map(({ sql }) => sql), 'j.id'].map((sql) => `${sql} ${direction}`).join(', ');
    const statuses = values.bind(only ?? ['pending'], 'text[]');
    const { text, values: bound } = values.finish(
      `select j.id::text, ${columns} from jobs_job j where j.status = any (${statuses}) order by ${order} offset ${Math.floor(OPEN / 2)} limit 1`,
    );
    const [row] = await app.rows<Record<string, string>>(text, [...bound]);
    const { id, ...found } = row!;
    return { id: id!, keys: Object.values(found) };
  }

  async function timed(name: string, page: () => Promise<unknown>): Promise<void> {
    const taken: number[] = [];
    for (let round = 0; round < TIMED; round += 1) {
      const start = performance.now();
      await page();
      taken.push(performance.now() - start);
    }
    if (TIMED === 0) return;
    taken.sort((a, b) => a - b);
    process.stdout.write(`${taken[Math.ceil(TIMED * 0.95) - 1]!.toFixed(1).padStart(7)} ms  ${name}\n`);
  }

  const PAGES = USUAL.flatMap(([name, filter, sorts]) => sorts.map((sort) => [name, sort, filter] as const));

  it.each(PAGES)('a page of %s, %s, reads no more than its indexes give it', async (name, sort, filter) => {
    const list = reading.list(new QueryChecks('list'), filter, sort);
    const middle = await middleOf(sort);
    const faults: string[] = [];
    for (const after of [undefined, middle]) {
      const page = (): Promise<unknown> => reading.slice(database.connection, list, after, 50);
      faults.push(...(await explained(page)).faults(MOST));
      await timed(`${name}, ${sort}${after === undefined ? '' : ', from the middle on'}`, page);
    }
    expect(faults).toEqual([]);
  });

  it('a capped count reads no more than it counts', async () => {
    const plan = await explained(() => queries.count({ status: 'pending', types: 'type.common' }, { limit: 1_000 }));
    expect(plan.buffers).toBeLessThan(2_000);
  });

  it('badges of fifty actors in pools of very many are bounded by their limit', async () => {
    const actors = Array.from(
      { length: 50 },
      (_, index) => ({ id: `user:${index}`, roles: ['role:support'] }) as const,
    );
    const plan = await explained(() => queries.badges(actors));
    expect(plan.faults({ buffers: 60_000, sorted: Infinity })).toEqual([]);
  });

  it.each([
    ['the largest pool', ['role:support']],
    ['a pool whose jobs are the least urgent of all', ['role:rare']],
    ['a pool that jobs name second', ['role:finance', 'role:support']],
    ['many pools', ['user:busy', 'role:support', 'role:finance', 'role:rare', 'user:1']],
    ['a pool that many jobs name fourth', ['role:fourth']],
    ['a pool that a few jobs name fifth', ['role:fifth']],
    ['no pool', ['role:nobody']],
  ])('claiming the next job of %s reads no more than its index gives it', async (name, [by, ...as]) => {
    const claim = (): Promise<unknown> =>
      app.dataSource
        .transaction(async (manager) => {
          await app.jobs.claimNext({ by: by as 'role:x', as: as as 'role:x'[], manager });
          throw new Error('undo');
        })
        .catch(() => undefined);
    const runner = app.dataSource.createQueryRunner();
    const client = await runner.connect();
    const sent = jest.spyOn(Object.getPrototypeOf(client) as { query: (query: QueryConfig) => unknown }, 'query');
    await claim();
    const query = sent.mock.calls
      .map(([call]) => call)
      .find((call) => typeof call === 'object' && call.text.includes('skip locked'));
    sent.mockRestore();
    await runner.release();
    const plan = await MeasuredPlan.of(app.dataSource, query!.text, query!.values);
    await timed(`claimNext of ${name}`, claim);
    expect(plan.faults(MOST)).toEqual([]);
  });
});
