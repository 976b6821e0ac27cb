import { JobInsight, JobSweeps, JobType } from '../../../lib/index.js';
import { jobQueriesSchemaVersion } from '../../../lib/jobs/schema/job-queries-schema-version.js';
import { applyVersion, schemaPlace } from '../../../lib/schema/jobs-migrations.js';
import { SCHEMA_VERSIONS } from '../../../lib/schema/schema-versions.js';
import { JobApplication } from '../../support/job-application.js';
import { SchemaFixture } from '../../support/schema-fixture.js';

@JobType('refund.review')
class ReviewRefund {}

const DAY = 86_400_000;

/** The days and weeks straight from the jobs, without any tally. */
const DIRECT_FLOW = `
with day as (
  select (($1::timestamptz at time zone $2)::date - n)::date as day from generate_series(0, $3::int - 1) n
)
select d.day::text as day,
  (select count(*)::int from jobs_job j where (j.created_at at time zone $2)::date = d.day and j.type = any ($4)) as opened,
  (select count(*)::int from jobs_job j where (j.closed_at at time zone $2)::date = d.day and j.status = 'completed' and j.type = any ($4)) as completed,
  (select count(*)::int from jobs_job j where (j.closed_at at time zone $2)::date = d.day and j.status = 'cancelled'
    and j.close_reason is distinct from 'expired' and j.type = any ($4)) as cancelled,
  (select count(*)::int from jobs_job j where (j.closed_at at time zone $2)::date = d.day and j.close_reason = 'expired' and j.type = any ($4)) as expired,
  (select count(*)::int from jobs_job j where (j.created_at at time zone $2)::date <= d.day
    and (j.closed_at is null or (j.closed_at at time zone $2)::date > d.day) and j.type = any ($4)) as open
from day d order by d.day`;

const DIRECT_COMPLETION = `
select j.type, date_trunc('week', j.created_at at time zone $2)::date::text as week, count(*)::int as created,
  (count(*) filter (where j.status = 'completed' and j.closed_at - j.created_at <= $4::int * interval '24 hours'))::int as completed
from jobs_job j
where date_trunc('week', j.created_at at time zone $2) > date_trunc('week', $1::timestamptz at time zone $2) - $3::int * interval '7 days'
group by 1, 2 order by 1, 2`;

/** Types of the jobs below; none of them needs to be provided. */
const TYPES = ['a', 'b', 'c'];

/** Jobs of three types and two tenants, created around the last change of the clocks in Madrid, and closed in every way. */
const RANDOM_JOBS = `
insert into jobs_job (type, tenant, target_type, target_id, status, close_reason, created_at, closed_at)
select ('{a,b,c}'::text[])[1 + i % 3], ('{"",acme}'::text[])[1 + i % 2], 'X', $1 || i, status,
  case when status = 'cancelled' then ('{expired,declined,skipped}'::text[])[1 + i % 3] end, created_at,
  case when status <> 'pending' then created_at + (random() ^ 3 * 40) * interval '1 day' end
from (
  select i, ('{pending,completed,cancelled,completed}'::text[])[1 + (random() * 3)::int] as status,
    timestamptz '2026-10-01 00:00+00' + random() * interval '50 days' as created_at
  from generate_series(1, $2::int) i
) r`;

describe('Days and weeks', () => {
  const clock = { offset: 0 };
  let fixture: JobApplication;
  let insight: JobInsight;
  let now: Date;

  beforeAll(async () => {
    fixture = await JobApplication.start({ providers: [ReviewRefund], jobs: { clock } });
    insight = fixture.application.context.get(JobInsight, { strict: false });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await fixture.clear();
    // Noon on a Friday, four weeks after the clocks went back.
    const [row] = await fixture.rows<{ now: Date }>('select now() as now');
    clock.offset = Date.parse('2026-11-20T12:00:00Z') - row!.now.getTime();
    now = new Date('2026-11-20T12:00:00Z');
  });

  const fold = (): Promise<unknown> => fixture.application.context.get(JobSweeps, { strict: false }).run();

  /** Compares both ways, in the middle of what is noted and after it is folded. */
  async function expectEqual(timeZone: string, types: readonly string[] = TYPES): Promise<void> {
    const flow = await fixture.rows<object>(DIRECT_FLOW, [now, timeZone, 60, types]);
    const cohorts = await fixture.rows<object>(DIRECT_COMPLETION, [now, timeZone, 9, 7]);
    for (const folded of [false, true]) {
      if (folded) await fold();
      const { days } = await insight.flow({ days: 60, timeZone, types });
      expect(days.map(({ closed: _, ...day }) => day)).toEqual(
        flow.map((day) => expect.objectContaining(day) as unknown),
      );
      const completion = await insight.completion({ within: '7d', weeks: 9, timeZone });
      const weeks = completion.types.flatMap(({ type, cohorts: weeksOfType }) =>
        weeksOfType
          .filter(({ created }) => created > 0)
          .map(({ week, created, completed }) => ({ type, week, created, completed })),
      );
      expect(weeks).toEqual(cohorts);
    }
  }

  const ZONES = [
    'UTC',
    'Europe/Madrid',
    'America/St_Johns',
    'Asia/Kathmandu',
    'Pacific/Chatham',
    'America/Santiago',
    'America/Havana',
  ];

  it.each(ZONES)('are what the jobs themselves say, also across a change of the clocks, in %s', async (timeZone) => {
    await fixture.rows(RANDOM_JOBS, ['r', 3_000]);
    await expectEqual(timeZone);
  });

  it('stay so when what happened on days long gone changes', async () => {
    await fixture.rows(RANDOM_JOBS, ['r', 1_500]);
    await fold();
    await fixture.rows(RANDOM_JOBS, ['late', 500]);
    await fixture.rows(
      `update jobs_job set status = 'pending', close_reason = null, closed_at = null where status <> 'pending' and id % 5 = 0`,
    );
    await fixture.rows(
      `update jobs_job set status = 'completed', closed_at = created_at + interval '3 days' where status = 'pending' and id % 3 = 0`,
    );
    await fixture.rows(
      `update jobs_job set closed_at = closed_at + interval '1 day' where status = 'completed' and id % 7 = 0`,
    );
    await fixture.rows(`update jobs_job set created_at = created_at - interval '9 days' where id % 11 = 0`);
    await fixture.rows(`update jobs_job set type = 'c' where type = 'a' and id % 13 = 0`);
    await expectEqual('Europe/Madrid');
  });

  it('stay so when jobs are removed', async () => {
    await fixture.rows(RANDOM_JOBS, ['r', 1_500]);
    await fold();
    await fixture.rows('delete from jobs_job where id % 3 = 0');
    await expectEqual('Europe/Madrid');
    await fixture.rows('truncate jobs_job');
    await expectEqual('Europe/Madrid');
  });

  it('stay so when they are folded by several at once while others write', async () => {
    const other = await fixture.otherDataSource();
    try {
      await Promise.all([
        ...Array.from({ length: 8 }, (_, index) => other.query(RANDOM_JOBS, [`w${index}.`, 300])),
        ...Array.from({ length: 8 }, fold),
      ]);
    } finally {
      await other.destroy();
    }
    await expectEqual('Europe/Madrid');
  });

  it('say nothing of what was rolled back', async () => {
    await fixture.dataSource
      .transaction(async (manager) => {
        await manager.query(RANDOM_JOBS, ['r', 100]);
        throw new Error('no');
      })
      .catch(() => undefined);
    const { days } = await insight.flow({ days: 60 });
    expect(days.every(({ opened }) => opened === 0)).toBe(true);
  });

  it('follow the verbs: a reopened job counts as closed no longer, one requested again not twice', async () => {
    const open = await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: '1' } });
    await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: '1' } });
    const done = await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: '2' } });
    await fixture.jobs.complete(done.job.id);
    await fixture.jobs.complete(open.job.id);
    await fixture.jobs.reopen(open.job.id);
    const declined = await fixture.jobs.request(ReviewRefund, { target: { type: 'Refund', id: '3' } });
    await fixture.jobs.decline(declined.job.id);
    const { days } = await insight.flow({ days: 1 });
    expect(days).toEqual([
      { day: '2026-11-20', opened: 3, closed: 2, completed: 1, cancelled: 1, expired: 0, open: 1 },
    ]);
  });

  it('are those of one tenant when asked for', async () => {
    await fixture.rows(RANDOM_JOBS, ['r', 400]);
    await fixture.rows(`delete from jobs_job where tenant = 'acme' and id % 2 = 0`);
    const [expected] = await fixture.rows<{ count: number }>(
      `select count(*)::int as count from jobs_job where tenant = 'acme'`,
    );
    const [pending] = await fixture.rows<{ count: number }>(
      `select count(*)::int as count from jobs_job where tenant = 'acme' and status = 'pending'`,
    );
    // Jobs are closed up to forty days after their creation, the last of them in December.
    const { days } = await insight.flow({ days: 120, until: new Date('2027-01-10'), tenant: 'acme' });
    expect([days.reduce((sum, { opened }) => sum + opened, 0), days.at(-1)?.open]).toEqual([
      expected!.count,
      pending!.count,
    ]);
    const { types } = await insight.completion({ weeks: 9, tenant: 'acme' });
    expect(types.flatMap(({ cohorts }) => cohorts).reduce((sum, { created }) => sum + created, 0)).toBe(
      expected!.count,
    );
  });

  it('begin where the clocks say: a day of 25 hours holds what happened in all of them', async () => {
    // 25 October 2026 in Madrid lasts from 22:00 to 23:00 UTC of the next day.
    const moments = ['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'];
    await fixture.rows(
      `insert into jobs_job (type, target_id, created_at) select 'a', at::text, at from unnest($1::timestamptz[]) at`,
      [moments],
    );
    const until = new Date('2026-10-26T12:00:00Z');
    const { days } = await insight.flow({ days: 3, until, timeZone: 'Europe/Madrid' });
    expect(days.map(({ day, opened, open }) => [day, opened, open])).toEqual([
      ['2026-10-24', 1, 1],
      ['2026-10-25', 2, 3],
      ['2026-10-26', 1, 4],
    ]);
  });

  it('count a job as completed within the window up to its very end', async () => {
    await fixture.rows(
      `insert into jobs_job (type, target_id, status, created_at, closed_at)
       select 'a', i::text, 'completed', $1::timestamptz, $1::timestamptz + took
       from unnest('{7 days, 6 days 23:59:59.999999, 7 days 00:00:00.000001, 0}'::interval[]) with ordinality t(took, i)`,
      ['2026-11-03T10:07:00Z'],
    );
    const { types } = await insight.completion({ within: '7d', weeks: 3 });
    expect(types[0]!.cohorts[0]).toEqual({ week: '2026-11-02', created: 4, completed: 3, share: 0.75, mature: true });
  });

  it('mark weeks whose window is not over for every job of theirs', async () => {
    await fixture.rows(`insert into jobs_job (type, created_at) values ('a', '2026-11-03T10:00:00Z')`);
    const maturity = async (at: string): Promise<boolean[]> => {
      clock.offset += Date.parse(at) - (await insight.pending()).at.getTime();
      const { types } = await insight.completion({ within: '7d', weeks: 2 });
      return types.flatMap(({ cohorts }) => cohorts.map(({ mature }) => mature));
    };
    // The week of 2 November ends on the 9th at midnight; a window of seven days, on the 16th.
    expect(await maturity('2026-11-15T23:59:00Z')).toEqual([false, false]);
    expect(await maturity('2026-11-16T00:00:01Z')).toEqual([]);
    const { types } = await insight.completion({ within: '7d', weeks: 3 });
    expect(types[0]?.cohorts.map(({ mature }) => mature)).toEqual([true, false, false]);
  });

  it('can be counted anew after what no trigger saw', async () => {
    await fixture.rows(RANDOM_JOBS, ['r', 300]);
    await fold();
    await fixture.rows('alter table jobs_job disable trigger user');
    await fixture.rows(RANDOM_JOBS, ['unseen', 300]);
    await fixture.rows('alter table jobs_job enable trigger user');
    await insight.recount();
    await expectEqual('Europe/Madrid');
  });

  it('hold jobs with moments that are no days at all', async () => {
    await fixture.rows(
      `insert into jobs_job (type, status, created_at, closed_at) values ('a', 'completed', '-infinity', 'infinity')`,
    );
    await fixture.rows('delete from jobs_job');
    expect(await fixture.count('jobs_job_tally_change')).toBe(0);
  });

  it.each([
    ['weeks', { weeks: 0 }, /completion: option weeks must be an integer from 1 to 520/],
    ['a part of a day', { within: '36h' }, /option within must be whole days, such as '7d'/],
    ['a time zone nobody knows', { timeZone: 'Mars/Olympus' }, /option timeZone must be an IANA time zone/],
    ['an offset, whose sign PostgreSQL reads the other way', { timeZone: '+02:00' }, /option timeZone must be an IANA/],
    ['a time zone with a NUL', { timeZone: 'UTC\0' }, /option timeZone must be an IANA/],
  ])('refuse %s', async (_, options, message) => {
    await expect(insight.completion(options)).rejects.toThrow(message);
  });

  it.each([
    ['too many days', { days: 4_000 }, /flow: option days must be an integer from 1 to 3660/],
    ['a last day that is none', { until: new Date(Number.NaN) }, /option until must be a valid Date/],
  ])('refuse %s', async (_, options, message) => {
    await expect(insight.flow(options)).rejects.toThrow(message);
  });

  it('have every day and every week asked for, those without jobs too', async () => {
    await fixture.rows(`insert into jobs_job (type, created_at) values ('a', $1)`, [
      new Date(now.getTime() - 40 * DAY),
    ]);
    const [{ days }, { types }] = [await insight.flow({ days: 60 }), await insight.completion({ weeks: 9 })];
    expect([days.length, types[0]?.cohorts.length, days.at(-1)?.open]).toEqual([60, 9, 1]);
  });
});

describe('The tally', () => {
  const inFixture = async (
    schema: string | undefined,
    work: (fixture: SchemaFixture) => Promise<void>,
  ): Promise<void> => {
    const fixture = await SchemaFixture.create(schema);
    try {
      await work(fixture);
    } finally {
      await fixture.drop();
    }
  };
  const SUM = 'select kind, sum(count)::int as count from %s group by kind order by kind';

  it('counts jobs that were there before it', async () => {
    await inFixture(undefined, async (fixture) => {
      const dataSource = await fixture.dataSource();
      for (const version of SCHEMA_VERSIONS.filter((candidate) => candidate !== jobQueriesSchemaVersion)) {
        await dataSource.transaction((manager) =>
          applyVersion(version, schemaPlace(undefined, undefined), (sql) => manager.query(sql)),
        );
      }
      await dataSource.query(RANDOM_JOBS, ['old', 50]);
      await fixture.migrateByModule();
      const [opened] = (await dataSource.query<object[]>(SUM.replace('%s', 'jobs_job_tally'))).filter(
        (row) => 'kind' in row && row.kind === 'opened',
      );
      expect(opened).toEqual({ kind: 'opened', count: 50 });
    });
  });

  it.each([undefined, 'An odd place'])(
    'is found by a session that searches elsewhere, in the schema %s',
    async (schema) => {
      await inFixture(schema, async (fixture) => {
        const dataSource = await fixture.migrateByModule();
        const place = schema === undefined ? 'public' : `"${schema}"`;
        await dataSource.transaction(async (manager) => {
          await manager.query('set local search_path = pg_catalog');
          await manager.query(`insert into ${place}.jobs_job (type) values ('a')`);
          await manager.query(`update ${place}.jobs_job set status = 'completed', closed_at = now()`);
        });
        expect(await dataSource.query(SUM.replace('%s', `${place}.jobs_job_tally_change`))).toEqual([
          { kind: 'completed', count: 1 },
          { kind: 'opened', count: 1 },
          { kind: 'took', count: 1 },
        ]);
      });
    },
  );
});
