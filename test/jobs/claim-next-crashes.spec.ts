import { ACTING, ReviewRefund } from '../support/acting-process.js';
import { type CutOff, cutOff } from '../support/cut-off.js';
import type { HaltPlace } from '../support/halt.js';
import { JobApplication, type JobTraces } from '../support/job-application.js';

const committing: HaltPlace = { table: 'jobs_event', on: 'insert', atCommit: true };
const FREE: JobTraces = { history: ['requested'], facts: ['job.requested'] };
const CLAIMED: JobTraces = { history: ['requested', 'claimed'], facts: ['job.requested', 'job.claimed'] };

describe('A claimNext that is cut off', () => {
  let app: JobApplication;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [ReviewRefund], jobs: { sweep: false } });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  /** Who has a job. */
  async function holderOf(id: string): Promise<string | null | undefined> {
    return (await app.jobs.find(id))?.claimedBy;
  }

  const next = async (by: `user:${string}`): Promise<string | undefined> =>
    (await app.jobs.claimNext({ by, as: ['role:support'] }))?.id;

  it.each<[string, HaltPlace, CutOff, 'claimed' | 'free']>([
    ['when it writes the job, with its process', { table: 'jobs_job', on: 'update' }, 'SIGKILL', 'free'],
    ['when it writes the history, with its process', { table: 'jobs_job_history', on: 'insert' }, 'SIGKILL', 'free'],
    ['when it tells of it, with its process', { table: 'jobs_event', on: 'insert' }, 'SIGKILL', 'free'],
    ['when it tells of it, with its connection', { table: 'jobs_event', on: 'insert' }, 'pg_terminate_backend', 'free'],
    ['while it commits, with its process', committing, 'SIGKILL', 'claimed'],
    ['while it commits, with its connection', committing, 'pg_terminate_backend', 'free'],
  ])('%s, has claimed the job or left it to one other', async (_, at, by, left) => {
    const { job: urgent } = await app.jobs.request(ReviewRefund, { key: 'urgent', priority: 2 });
    const { job: plain } = await app.jobs.request(ReviewRefund, { key: 'plain' });
    const meanwhile: (string | undefined)[] = [];
    await cutOff(
      app.url,
      { kind: 'claim next' },
      { at, by, meanwhile: async () => void meanwhile.push(await next('user:1'), await next('user:2')) },
    );
    expect(meanwhile).toEqual([plain.id, undefined]);
    const isClaimed = left === 'claimed';
    expect([await holderOf(urgent.id), await app.tracesOf(urgent.id)]).toEqual(
      isClaimed ? [`user:${ACTING}`, CLAIMED] : [null, FREE],
    );

    const claims = await Promise.all([next('user:3'), next('user:4')]);
    expect(claims.filter((id) => id !== undefined)).toEqual(isClaimed ? [] : [urgent.id]);
    expect([await app.tracesOf(urgent.id), await app.tracesOf(plain.id)]).toEqual([CLAIMED, CLAIMED]);
    expect(await holderOf(plain.id)).toBe('user:1');
  });
});
