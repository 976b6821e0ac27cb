import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntityManager } from 'typeorm';
import { JobInsight, JobType, type PendingOfType, type TimeToCompleteOfType } from '../../../lib/index.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('onboarding.verify', { plan: 'onboarding', step: 1 })
class Verify {}

@JobType('onboarding.profile', { plan: 'onboarding', step: 2 })
class Profile {}

@JobType('onboarding.payment', { plan: 'onboarding', step: 3 })
class Payment {}

const DAY = 86_400_000;

/** Computed by `fixture/reference.py`, from the definitions alone. */
interface Expected {
  readonly at: string;
  readonly timeZone: string;
  readonly plan: string;
  readonly pending: Readonly<Record<string, ExpectedPending>>;
  readonly pendingOfAcme: ExpectedPending;
  readonly timeToComplete: Readonly<Record<string, ExpectedTimes>>;
  readonly timeToCompleteOfAcme: ExpectedTimes;
  readonly timeToCompleteOfSpan: ExpectedTimes;
  readonly funnel: { readonly entered: number; readonly steps: unknown[]; readonly removed: unknown[] };
  readonly completion: Readonly<Record<string, unknown[]>>;
  readonly flow: unknown[];
  readonly workload: {
    readonly unassigned: ExpectedLoad;
    readonly assignees: readonly (ExpectedLoad & { readonly assignee: string })[];
  };
}

interface ExpectedPending {
  readonly count: number;
  readonly age: Readonly<Record<string, number>> | null;
  readonly columns?: readonly number[];
}

interface ExpectedTimes extends Omit<TimeToCompleteOfType, 'type' | 'curve'> {
  readonly curve: readonly (readonly number[])[];
}

interface ExpectedLoad {
  readonly open: number;
  readonly overdue: number;
  readonly oldestAge: number;
}

const fixtureText = (file: string): string => readFileSync(join(__dirname, 'fixture', file), 'utf8');

const INSERT = `
insert into jobs_job (type, tenant, target_type, target_id, created_at, closed_at, status, close_reason, plan, step, assignee, due_at)
select f.type, f.tenant, 'Subject', f.subject, at.at - created_ago * interval '1 ms', at.at - closed_ago * interval '1 ms', status,
  nullif(close_reason, ''), nullif(plan, ''), step, nullif(assignee, ''), at.at - due_ago * interval '1 ms'
from (select now() + $2::float8 * interval '1 millisecond' as at) at cross join jsonb_to_recordset($1::jsonb)
  f(type text, tenant text, subject text, created_ago float8, closed_ago float8, status text, close_reason text, plan text, step int,
    assignee text, due_ago float8)`;

describe('Figures computed elsewhere from their definitions', () => {
  const expected = JSON.parse(fixtureText('expected.json')) as Expected;
  const clock = { offset: 0 };
  let fixture: JobApplication;
  let insight: JobInsight;

  beforeAll(async () => {
    fixture = await JobApplication.start({
      providers: [Verify, Profile, Payment],
      jobs: { clock },
      // How a session writes times and intervals must not matter.
      typeorm: { extra: { options: '-c datestyle=German -c intervalstyle=iso_8601 -c timezone=Asia/Kathmandu' } },
    });
    insight = fixture.application.context.get(JobInsight, { strict: false });
  });
  afterAll(() => fixture.close());

  /** Everything in one transaction, in which the database's clock stands still, at the moment the figures were computed for. */
  function atThatMoment<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return fixture.dataSource.transaction(async (manager) => {
      await manager.query('delete from jobs_job');
      const [row] = await manager.query<{ now: number }[]>(`select date_part('epoch', now()) * 1000 as now`);
      clock.offset = Date.parse(expected.at) - row!.now;
      await manager.query(INSERT, [JSON.stringify(jobs()), clock.offset]);
      return work(manager);
    });
  }

  const pendingOf = ({ count, age, columns }: PendingOfType): object => ({
    count,
    age,
    columns: columns.map((column) => column.count),
  });
  const close = (value: unknown): unknown => {
    if (typeof value === 'number') return expect.closeTo(value, 2);
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]));
  };
  /** Shares are the same to ten decimals, times to a thousandth of a millisecond. */
  const times = ({ curve, ...figures }: ExpectedTimes, type = 'refund.review'): object => ({
    ...(close(figures) as object),
    type,
    curve: curve.map(([age, atRisk, survival, incidence]) => ({
      age: expect.closeTo(age!, 2) as number,
      atRisk,
      survival: expect.closeTo(survival!, 10) as number,
      incidence: expect.closeTo(incidence!, 10) as number,
    })),
  });

  it('agree on ages and age columns of what is pending', async () => {
    const { types } = await atThatMoment((manager) => insight.pending({ manager }));
    const pending = Object.entries(expected.pending).filter(([, { count }]) => count > 0);
    expect(
      types.filter(({ count }) => count > 0).map(({ type, ...figures }) => [type, pendingOf({ type, ...figures })]),
    ).toEqual(pending.map(([type, figures]) => [type, close(figures)]));
  });

  it('agree on those of one tenant', async () => {
    const options = { types: ['refund.review'], tenant: 'acme' };
    const { types } = await atThatMoment((manager) => insight.pending({ ...options, manager }));
    expect(types.map(pendingOf)).toEqual([close(expected.pendingOfAcme)]);
  });

  it('agree on the time to complete: both medians, the naive one, and every point of the curves', async () => {
    const { types } = await atThatMoment((manager) => insight.timeToComplete({ points: 1_000, manager }));
    expect(types).toEqual(Object.entries(expected.timeToComplete).map(([type, figures]) => times(figures, type)));
  });

  it('agree on the time to complete of one tenant', async () => {
    const options = { types: ['refund.review'], tenant: 'acme', points: 1_000 };
    const { types } = await atThatMoment((manager) => insight.timeToComplete({ ...options, manager }));
    expect(types).toEqual([times(expected.timeToCompleteOfAcme)]);
  });

  it('agree on the time to complete of jobs created in a span', async () => {
    const at = Date.parse(expected.at);
    // Jobs are whole hours old: half an hour beside keeps the ends of the span clear of rounding.
    const created = { from: new Date(at - 40 * DAY - DAY / 48), to: new Date(at - 10 * DAY - DAY / 48) };
    const options = { types: ['refund.review'], points: 1_000, created };
    const { types } = await atThatMoment((manager) => insight.timeToComplete({ ...options, manager }));
    expect(types).toEqual([times(expected.timeToCompleteOfSpan)]);
  });

  it('agree on the funnel of a plan', async () => {
    const { entered, steps, removed } = await atThatMoment((manager) => insight.funnel(expected.plan, { manager }));
    expect({ entered, steps, removed }).toEqual(expected.funnel);
  });

  it('agree on the share completed within seven days by week, in a time zone', async () => {
    const options = { within: '7d', weeks: 13, timeZone: expected.timeZone };
    const { types } = await atThatMoment((manager) => insight.completion({ ...options, manager }));
    expect(Object.fromEntries(types.map(({ type, cohorts }) => [type, cohorts]))).toEqual(expected.completion);
  });

  it('agree on what was opened and closed each day, in a time zone', async () => {
    const options = { days: 60, timeZone: expected.timeZone };
    const { days } = await atThatMoment((manager) => insight.flow({ ...options, manager }));
    expect(days).toEqual(expected.flow);
  });

  it('agree on the workload', async () => {
    const { at, assignees, unassigned } = await atThatMoment((manager) =>
      insight.workload({ types: ['refund.review'], manager }),
    );
    const load = ({ open, overdue, oldestAge }: ExpectedLoad): object => ({
      open,
      overdue,
      claimed: 0,
      oldestSince: new Date(at.getTime() - oldestAge),
    });
    expect({ assignees, unassigned }).toEqual({
      unassigned: load(expected.workload.unassigned),
      assignees: expected.workload.assignees.map(({ assignee, ...rest }) => ({ assignee, ...load(rest) })),
    });
  });

  it('show why the naive median misleads: it is far below the one that takes open jobs into account', () => {
    const { naiveMedian, median } = expected.timeToComplete['refund.review']!;
    expect(median! / naiveMedian!).toBeGreaterThan(3);
  });
});

/** The rows of the fixture; what is empty is left out. */
function jobs(): object[] {
  const [header, ...lines] = fixtureText('jobs.csv').trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => {
    const job: Record<string, string> = {};
    for (const [index, cell] of line.split(',').entries()) {
      const name = names[index]!;
      if (cell !== '' || !NULLABLE.has(name)) job[name] = cell;
    }
    return job;
  });
}

const NULLABLE: ReadonlySet<string> = new Set(['closed_ago', 'due_ago', 'step']);
