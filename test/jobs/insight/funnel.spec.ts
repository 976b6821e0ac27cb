import { JobInsight, JobSweeps, JobType } from '../../../lib/index.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('onboarding.verify', { plan: 'onboarding', step: 1 })
class Verify {}

@JobType('onboarding.profile', { plan: 'onboarding', step: 2, skippable: true })
class Profile {}

@JobType('onboarding.payment', { plan: 'onboarding', step: 3, expiresIn: '1h' })
class Payment {}

@JobType('onboarding.extra', { plan: 'onboarding' })
class Extra {}

@JobType('refund.review')
class ReviewRefund {}

const account = (id: string | number): { type: string; id: string } => ({ type: 'Account', id: String(id) });

describe('The funnel of a plan', () => {
  let fixture: JobApplication;
  let insight: JobInsight;
  const clock = { offset: 0 };

  const start = async (providers: (abstract new () => object)[]): Promise<void> => {
    fixture = await JobApplication.start({ providers: providers as never, jobs: { clock } });
    insight = fixture.application.context.get(JobInsight, { strict: false });
  };

  beforeAll(() => start([Payment, Extra, Verify, ReviewRefund, Profile]));
  afterAll(() => fixture.close());
  beforeEach(async () => {
    clock.offset = 0;
    await fixture.clear();
  });

  it('has its steps in the order of the plan, those without a place last, with nothing in them at first', async () => {
    const { plan, entered, steps, removed } = await insight.funnel('onboarding');
    expect({ plan, entered, removed, steps: steps.map(({ type, step }) => [type, step]) }).toEqual({
      plan: 'onboarding',
      entered: 0,
      removed: [],
      steps: [
        ['onboarding.verify', 1],
        ['onboarding.profile', 2],
        ['onboarding.payment', 3],
        ['onboarding.extra', null],
      ],
    });
    expect(steps[0]).toEqual({
      type: 'onboarding.verify',
      step: 1,
      reached: 0,
      done: 0,
      here: 0,
      expired: 0,
      cancelled: 0,
      fromPrevious: null,
      overall: null,
    });
  });

  it('says how many reached, did and left each step, and what share went on', async () => {
    for (const id of [1, 2, 3, 4]) await fixture.jobs.request(Verify, { target: account(id) });
    // What is done, or skipped, requests the next step.
    for (const id of [1, 2, 3]) await fixture.jobs.complete(Verify, { target: account(id) });
    await fixture.jobs.complete(Profile, { target: account(1) });
    const [second] = await fixture.jobs.findPending(Profile, { target: account(2) });
    await fixture.jobs.skip(second!.id);
    clock.offset = 2 * 3_600_000;
    await fixture.application.context.get(JobSweeps, { strict: false }).expire();
    await fixture.jobs.ensureCompleted(Payment, { target: account(2) });
    await fixture.jobs.request(Payment, { target: account(2) });
    const { entered, steps } = await insight.funnel('onboarding');
    expect(entered).toBe(4);
    expect(steps.slice(0, 3).map(({ type: _, step: __, ...counts }) => counts)).toEqual([
      { reached: 4, done: 3, here: 1, expired: 0, cancelled: 0, fromPrevious: 3 / 4, overall: 3 / 4 },
      { reached: 3, done: 1, here: 1, expired: 0, cancelled: 1, fromPrevious: 1 / 3, overall: 1 / 4 },
      { reached: 2, done: 1, here: 0, expired: 1, cancelled: 0, fromPrevious: 0, overall: 1 / 4 },
    ]);
  });

  it('counts a subject once in a step, however often the step was asked of it', async () => {
    const { job } = await fixture.jobs.request(Verify, { target: account(1) });
    await fixture.jobs.cancel(job.id);
    await fixture.jobs.request(Verify, { target: account(1) });
    expect((await insight.funnel('onboarding')).steps[0]).toMatchObject({ reached: 1, here: 1, cancelled: 0 });
    await fixture.jobs.complete(Verify, { target: account(1) });
    await fixture.jobs.request(Verify, { target: account(1) });
    expect((await insight.funnel('onboarding')).steps[0]).toMatchObject({ reached: 1, done: 1, here: 0 });
  });

  it('takes the last job of a step for what became of a subject', async () => {
    for (const reason of ['expired', 'declined']) {
      await fixture.rows(
        `insert into jobs_job (type, plan, step, target_type, target_id, status, close_reason, closed_at)
         values ('onboarding.verify', 'onboarding', 1, 'Account', '1', 'cancelled', $1, now())`,
        [reason],
      );
    }
    expect((await insight.funnel('onboarding')).steps[0]).toMatchObject({ reached: 1, expired: 0, cancelled: 1 });
  });

  it('compares a step with the one before it by subject, not by number', async () => {
    await fixture.jobs.ensureCompleted(Verify, { target: account(1) });
    await fixture.jobs.request(Verify, { target: account(1) });
    await fixture.jobs.request(Profile, { target: account(2) });
    await fixture.jobs.complete(Profile, { target: account(2) });
    const { steps } = await insight.funnel('onboarding');
    expect(steps.slice(0, 2).map(({ done, fromPrevious, overall }) => [done, fromPrevious, overall])).toEqual([
      [1, 1, 0.5],
      [1, 0, 0.5],
    ]);
  });

  it('tells subjects of different tenants apart, and takes a job about nothing for its own subject', async () => {
    await fixture.jobs.request(Verify, { target: account(1) });
    await fixture.jobs.request(Verify, { target: account(1), tenant: 'acme' });
    await fixture.jobs.request(Verify, { key: 'one' });
    await fixture.jobs.request(Verify, { key: 'two' });
    expect((await insight.funnel('onboarding')).entered).toBe(4);
    expect((await insight.funnel('onboarding', { tenant: 'acme' })).entered).toBe(1);
    expect((await insight.funnel('onboarding', { tenant: '' })).entered).toBe(3);
  });

  it('is that of jobs created in a span when asked for', async () => {
    await fixture.rows(
      `insert into jobs_job (type, plan, step, target_type, target_id, created_at)
       select 'onboarding.verify', 'onboarding', 1, 'Account', at, at::timestamptz from unnest('{2026-03-01Z,2026-03-02Z,2026-03-03Z}'::text[]) at`,
    );
    const created = { from: new Date('2026-03-02'), to: new Date('2026-03-03') };
    expect((await insight.funnel('onboarding', { created })).entered).toBe(1);
  });

  it('leaves out jobs that are no step of the plan', async () => {
    await fixture.jobs.request(ReviewRefund, { target: account(1) });
    const { steps, removed } = await insight.funnel('onboarding');
    expect([steps.every(({ reached }) => reached === 0), removed]).toEqual([true, []]);
  });

  it('of no such plan is empty', async () => {
    expect(await insight.funnel('checkout')).toMatchObject({ plan: 'checkout', entered: 0, steps: [], removed: [] });
  });

  it.each([
    ['a plan that is no text', [7], /funnel: option plan must be a text of 1 to 255 characters/],
    ['a plan with a NUL', ['a\0'], /plan: a text with \\u0000/],
    ['types, which the plan has itself', ['onboarding', { types: ['a'] }], /funnel: there is no option types/],
    [
      'a span that ends before it begins',
      ['onboarding', { created: { from: new Date(1), to: new Date(0) } }],
      /option created.to must be after created.from/,
    ],
    ['a misspelt end of a span', ['onboarding', { created: { til: new Date() } }], /created\.til/],
  ])('refuses %s', async (_, [plan, options], message) => {
    await expect(insight.funnel(plan as string, options as never)).rejects.toThrow(message);
  });
});

describe('Types that share a step of a plan', () => {
  @JobType('welcome.call', { plan: 'welcome', step: 1 })
  class Call {}

  @JobType('welcome.gift', { plan: 'welcome', step: 1 })
  class Gift {}

  @JobType('welcome.survey', { plan: 'welcome', step: 5 })
  class Survey {}

  it('are each compared with the step before, which is done with any of its types', async () => {
    const fixture = await JobApplication.start({ providers: [Survey, Gift, Call] });
    try {
      await fixture.rows(
        `insert into jobs_job (type, plan, step, target_type, target_id, status, closed_at)
         select type, 'welcome', 1, 'Account', unnest(ids), 'completed', now()
         from (values ('welcome.call', '{1,2}'::text[]), ('welcome.gift', '{2,3}'), ('welcome.survey', '{1,2,4}')) s(type, ids)`,
      );
      const { entered, steps } = await fixture.application.context.get(JobInsight, { strict: false }).funnel('welcome');
      expect([
        entered,
        steps.map(({ type, step, done, fromPrevious, overall }) => [type, step, done, fromPrevious, overall]),
      ]).toEqual([
        4,
        [
          ['welcome.call', 1, 2, 1, 2 / 4],
          ['welcome.gift', 1, 2, 1, 2 / 4],
          ['welcome.survey', 5, 3, 2 / 3, 3 / 4],
        ],
      ]);
    } finally {
      await fixture.close();
    }
  });
});

describe('A step that is taken out of a plan', () => {
  it('leaves the others as they were, and its own jobs are counted apart', async () => {
    const fixture = await JobApplication.start({ providers: [Verify, Payment] });
    try {
      const insight = fixture.application.context.get(JobInsight, { strict: false });
      await fixture.rows(
        `insert into jobs_job (type, plan, step, target_type, target_id, status, closed_at)
         select type, 'onboarding', step, 'Account', id::text, 'completed', now()
         from (values ('onboarding.verify', 1), ('onboarding.profile', 2), ('onboarding.payment', 3)) s(type, step), generate_series(1, 3) id
         where id <= 4 - step`,
      );
      const { entered, steps, removed } = await insight.funnel('onboarding');
      expect({ entered, steps, removed }).toEqual({
        entered: 3,
        steps: [
          expect.objectContaining({ type: 'onboarding.verify', reached: 3, done: 3, fromPrevious: 1, overall: 1 }),
          expect.objectContaining({ type: 'onboarding.payment', reached: 1, fromPrevious: 1 / 3, overall: 1 / 3 }),
        ],
        removed: [
          expect.objectContaining({
            type: 'onboarding.profile',
            step: 2,
            reached: 2,
            done: 2,
            fromPrevious: null,
            overall: null,
          }),
        ],
      });
    } finally {
      await fixture.close();
    }
  });
});
