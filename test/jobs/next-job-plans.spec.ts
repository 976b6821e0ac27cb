import { jobTableNames } from '../../lib/jobs/schema/job-table-names.js';
import { lockNextText } from '../../lib/jobs/store/next-job.statements.js';
import { JobApplication } from '../support/job-application.js';
import { makeManyJobs } from '../support/many-jobs.js';
import { MeasuredPlan } from '../support/measured-plan.js';

/** Many enough for PostgreSQL to sort what it takes for few. */
const OPEN = 100_000;
const CLOSED = 60_000;
const WINDOW = 32;

/** The rows of all ways to a job, of five principals or of a hundred; nothing for the size of a pool. */
const MOST = { buffers: 4_000, sorted: 2_500 };

const POOLS: readonly (readonly [string, readonly string[]])[] = [
  ['somebody who is assigned very many', ['user:busy']],
  ['the largest pool', ['role:support']],
  ['somebody who is assigned very many, and several pools', ['user:busy', 'role:support', 'role:finance', 'user:1']],
  ['pools that are large, small and rare', ['role:support', 'user:17', 'role:rare', 'role:nobody', 'user:busy']],
  [
    'a hundred pools, of which one is large',
    [...Array.from({ length: 98 }, (_, index) => `user:${index * 9 + 1}`), 'role:support', 'user:busy'],
  ],
  ['a hundred pools without a job', Array.from({ length: 100 }, (_, index) => `role:empty-${index}`)],
  ['a pool that many jobs name fourth', ['role:fourth']],
  ['a pool that a few jobs name fifth', ['role:fifth', 'role:seldom']],
];

/** A pool that became large when the statistics were made already: what becomes of a fifth of the open jobs. */
const GROWN: readonly (readonly [string, string])[] = [
  ['by assignment', `assignee = 'user:new', candidates = '{}'`],
  ['of first candidates', `assignee = null, candidates = '{role:new}'`],
  ['of second candidates', `assignee = null, candidates = '{role:x,role:new}'`],
  ['of third candidates', `assignee = null, candidates = '{role:x,role:y,role:new}'`],
  ['of fifth candidates', `assignee = null, candidates = '{role:x,role:y,role:z,role:v,role:new}'`],
];

describe(`claimNext among ${OPEN} open jobs`, () => {
  let app: JobApplication;

  beforeAll(async () => {
    app = await JobApplication.start();
    await makeManyJobs(app.dataSource, { open: OPEN, closed: CLOSED });
    // Statistics are made when the tests say so.
    await app.rows('alter table jobs_job set (autovacuum_enabled = false)');
    await app.rows('alter table jobs_job disable trigger user');
  }, 600_000);
  afterAll(() => app.close());

  /** Changes jobs and takes what they were before out of the indexes; the statistics stay as they were. */
  async function change(set: string, which: string): Promise<void> {
    await app.rows(`update jobs_job set ${set} where status = 'pending' and ${which}`);
    await app.rows('vacuum jobs_job');
  }

  async function faults(principals: readonly string[], ...types: readonly string[]): Promise<readonly string[]> {
    const text = lockNextText(jobTableNames(), WINDOW, types.length === 0 ? 'any' : 'one');
    return (await MeasuredPlan.of(app.dataSource, text, [principals, JSON.stringify({ types }), 0])).faults(MOST);
  }

  it.each(POOLS)('reads no more of the jobs of %s than its window', async (_, principals) => {
    expect(await faults(principals)).toEqual([]);
  });

  it('passes jobs of other types by without reading them', async () => {
    await app.rows(`update jobs_job set priority = -5 where status = 'pending' and type = 'type.16'`);
    await app.rows('vacuum analyze jobs_job');
    expect([await faults(['role:support'], 'type.16'), await faults(['user:busy'], 'type.16')]).toEqual([[], []]);
  });

  it('looks for lapsed claims among those that lapsed, also when all had when the statistics were made', async () => {
    const claims = (expire: string): Promise<void> =>
      change(`claim_expires_at = now() ${expire}`, 'claimed_by is not null');
    await claims(`- interval '1 minute' * (id % 60)`);
    await app.rows('analyze jobs_job');
    const lapsed = await faults(['role:support', 'user:busy']);
    await claims(`+ interval '1 hour'`);
    expect([lapsed, await faults(['role:support', 'user:busy'])]).toEqual([[], []]);
  });

  it.each(GROWN)('does so for a pool that grew %s, before PostgreSQL knows of it and after', async (_, becomes) => {
    await change(`${becomes}, claimed_by = null`, `id % 5 = 2 and type <> 'type.rare'`);
    const principals = ['user:new', 'role:new', 'role:support', 'role:finance', 'user:1'];
    const before = [await faults(principals), await faults(['user:new', 'role:new'])];
    await app.rows('analyze jobs_job');
    expect([before, await faults(principals), await faults(['user:new', 'role:new'])]).toEqual([[[], []], [], []]);
  });
});
