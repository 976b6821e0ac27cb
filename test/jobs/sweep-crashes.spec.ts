import { Injectable } from '@nestjs/common';
import { JobSweeps, OnJobExpired } from '../../lib/index.js';
import { ReviewRefund } from '../support/acting-process.js';
import { type CutOff, cutOff } from '../support/cut-off.js';
import type { HaltPlace } from '../support/halt.js';
import { JobApplication } from '../support/job-application.js';

@Injectable()
class Listener {
  @OnJobExpired(ReviewRefund, { id: 'expired' })
  expired(): void {
    // never called
  }
}

/** What a batch of a sweep takes. */
const BATCH = 500;
const REST = 3;

describe('A sweep of expired jobs that is cut off', () => {
  let app: JobApplication;
  let sweeps: JobSweeps;
  let ids: readonly string[];

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [ReviewRefund, Listener], jobs: { sweep: false } });
    sweeps = app.application.context.get(JobSweeps, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await app.clear();
    const rows = await app.rows<{ id: string }>(
      `insert into jobs_job (type, target_type, target_id, expires_at)
       select 'refund.review', 'Refund', i::text, now() - interval '1 hour' + i * interval '1 millisecond'
       from generate_series(1, $1::int4) i returning id::text`,
      [BATCH + REST],
    );
    ids = rows.map(({ id }) => id);
  });

  /** How many jobs were closed, and told of, how often; each job that any of it is about is about all of it. */
  async function told(): Promise<Readonly<Record<string, number>>> {
    const rows = await app.rows<{ what: string; count: number }>(
      `select concat_ws(' ', j.status, j.close_reason, h.count || ' in history', e.events || ' events', e.deliveries || ' deliveries') as what,
         count(*)::int4 as count
       from jobs_job j, lateral (select count(*) from jobs_job_history h where h.job_id = j.id and h.action = 'expired') h,
         lateral (select count(distinct e.id) as events, count(d.event_id) as deliveries from jobs_event e left join jobs_delivery d on d.event_id = e.id
           where e.name = 'job.expired' and e.payload ->> 'jobId' = j.id::text) e
       group by what`,
    );
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
  }

  const PENDING = 'pending 0 in history 0 events 0 deliveries';
  const EXPIRED = 'cancelled expired 1 in history 1 events 1 deliveries';
  const committing: HaltPlace = { table: 'jobs_event', on: 'insert', atCommit: true };

  it.each<[string, HaltPlace, string, CutOff, 'all' | 'nothing']>([
    ['when it writes a job', { table: 'jobs_job', on: 'update' }, 'new.id =', 'SIGKILL', 'nothing'],
    ['when it writes the history', { table: 'jobs_job_history', on: 'insert' }, 'new.job_id =', 'SIGKILL', 'nothing'],
    [
      'when it tells of it',
      { table: 'jobs_event', on: 'insert' },
      `(new.payload ->> 'jobId')::bigint =`,
      'SIGKILL',
      'nothing',
    ],
    [
      'when its connection ends as it tells of it',
      { table: 'jobs_event', on: 'insert' },
      `(new.payload ->> 'jobId')::bigint =`,
      'pg_terminate_backend',
      'nothing',
    ],
    ['while it commits', committing, `(new.payload ->> 'jobId')::bigint =`, 'SIGKILL', 'all'],
    [
      'when its connection ends while it commits',
      committing,
      `(new.payload ->> 'jobId')::bigint =`,
      'pg_terminate_backend',
      'nothing',
    ],
  ])(
    '%s, in its second batch, has done that batch or none of it, and another does the rest once',
    async (_, at, job, by, done) => {
      await cutOff(app.url, { kind: 'expire' }, { at: { ...at, when: `${job} ${ids.at(-1)}` }, by });
      expect(await told()).toEqual(
        done === 'all' ? { [EXPIRED]: BATCH + REST } : { [EXPIRED]: BATCH, [PENDING]: REST },
      );
      expect(await sweeps.expire()).toBe(done === 'all' ? 0 : REST);
      expect(await told()).toEqual({ [EXPIRED]: BATCH + REST });
    },
  );

  it('keeps nobody from the other batches, and leaves its own to them', async () => {
    let others = 0;
    await cutOff(
      app.url,
      { kind: 'expire' },
      {
        at: { table: 'jobs_job_history', on: 'insert' },
        by: 'SIGKILL',
        meanwhile: async () => void (others = await sweeps.expire()),
      },
    );
    expect([others, await told()]).toEqual([REST, { [EXPIRED]: REST, [PENDING]: BATCH }]);
    expect(await sweeps.expire()).toBe(BATCH);
    expect(await told()).toEqual({ [EXPIRED]: BATCH + REST });
  });
});
