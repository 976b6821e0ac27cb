import { Module } from '@nestjs/common';

import { JobSweeps } from '../../lib/index.js';
import { fillWithDemoData } from '../../sample/fill-with-demo-data.js';
import { OnboardingController } from '../../sample/onboarding/onboarding.controller.js';
import { OnboardingModule } from '../../sample/onboarding/onboarding.module.js';
import type { FunnelView, StalledView, StepAgesView } from '../../sample/onboarding/onboarding.views.js';
import { ONBOARDING_STEPS } from '../../sample/onboarding/steps/index.js';
import { NameCompany } from '../../sample/onboarding/steps/name-company.js';
import type { JobDetailsView } from '../../sample/job-api/job-details.view.js';
import { as, SampleApplication } from './support/sample-application.js';

const support = as('ada', 'role:support');

/** Somebody who signed up over HTTP. */
class Person {
  private constructor(
    private readonly sample: SampleApplication,
    readonly id: string,
    private readonly headers: Record<string, string>,
    private readonly code: string,
  ) {}

  static async signUp(sample: SampleApplication, email: string): Promise<Person> {
    const { body } = await sample.http('post', '/accounts', { email });
    await sample.drained();
    return new Person(sample, body.account.id, { authorization: `Bearer ${body.token}` }, body.verificationCode);
  }

  async verifyEmail(): Promise<void> {
    await this.call('post', '/accounts/me/email-verification', { code: this.code });
  }

  async nameCompany(): Promise<void> {
    await this.call('put', '/accounts/me/company', { name: 'Analytical Engines' });
  }

  async addPaymentMethod(): Promise<void> {
    await this.call('put', '/accounts/me/payment-method', { lastFour: '4242' });
  }

  async invite(): Promise<void> {
    await this.call('post', '/accounts/me/invitations', { email: 'bob@example.com' });
  }

  /** What is to be done, and what was done, by name. */
  async jobs(status: 'open' | 'closed'): Promise<string[]> {
    const { body } = await this.sample.http('get', `/me/jobs?status=${status}`, undefined, this.headers);
    return (body as { jobs: { type: string }[] }).jobs.map(({ type }) => type);
  }

  async call(method: 'get' | 'post' | 'put', path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const answer = await this.sample.http(method, path, body, this.headers);
    await this.sample.drained();
    return answer;
  }
}

async function funnelOf(sample: SampleApplication): Promise<FunnelView> {
  return (await sample.http('get', '/onboarding/funnel', undefined, support)).body as FunnelView;
}

describe('The onboarding', () => {
  let sample: SampleApplication;

  beforeAll(async () => (sample = await SampleApplication.start()));
  afterAll(() => sample.close());
  beforeEach(async () => {
    await sample.drained();
    await sample.query('truncate jobs_job, jobs_job_history, jobs_job_remembered, account, invitation');
  });

  it('leads somebody who signs up through its steps, each done by what happens', async () => {
    const ann = await Person.signUp(sample, 'ann@example.com');
    const seen = [await ann.jobs('open')];
    for (const deed of ['verifyEmail', 'nameCompany', 'addPaymentMethod', 'invite'] as const) {
      await ann[deed]();
      seen.push(await ann.jobs('open'));
    }
    expect(seen).toEqual([
      ['onboarding.verify-email'],
      ['onboarding.name-company'],
      ['onboarding.add-payment-method'],
      ['onboarding.invite-colleague'],
      [],
    ]);
    expect(await ann.jobs('closed')).toHaveLength(4);
  });

  it('takes what was done before it was asked for as done', async () => {
    const ann = await Person.signUp(sample, 'ann@example.com');
    await ann.addPaymentMethod();
    await ann.verifyEmail();
    await ann.nameCompany();
    expect(await ann.jobs('open')).toEqual(['onboarding.invite-colleague']);
  });

  it('believes events and not words: a step cannot be completed by saying so, and skipped only where that is meant', async () => {
    const ann = await Person.signUp(sample, 'ann@example.com');
    const [{ id }] = (await sample.query<{ id: string }>('select id::text from jobs_job')) as [{ id: string }];
    expect((await ann.call('post', `/me/jobs/${id}/complete`)).status).toBe(403);
    expect((await ann.call('post', `/me/jobs/${id}/skip`)).status).toBe(409);
    for (const deed of ['verifyEmail', 'nameCompany', 'addPaymentMethod'] as const) await ann[deed]();
    const [last] = await sample.query<{ id: string }>(`select id::text from jobs_job where status = 'pending'`);
    expect((await ann.call('post', `/me/jobs/${last?.id ?? ''}/skip`)).body).toMatchObject({ closeReason: 'skipped' });
  });

  it('F1, F5: counts who reached each step, did it, and stands there', async () => {
    const people = [];
    for (const name of ['ann', 'bob', 'cat']) people.push(await Person.signUp(sample, `${name}@example.com`));
    const [ann, bob] = people;
    await ann?.verifyEmail();
    await bob?.verifyEmail();
    await bob?.nameCompany();
    const { entered, steps, removed } = await funnelOf(sample);
    expect([entered, removed]).toEqual([3, []]);
    expect(steps.map(({ type, reached, done, here }) => [type, reached, done, here])).toEqual([
      ['onboarding.verify-email', 3, 2, 1],
      ['onboarding.name-company', 2, 1, 1],
      ['onboarding.add-payment-method', 1, 0, 1],
      ['onboarding.invite-colleague', 0, 0, 0],
    ]);
  });

  it('F2: says for how long people have stood at each step', async () => {
    const hours = [1, 30, 50, 200];
    for (const name of ['ann', 'bob', 'cat', 'dan']) await Person.signUp(sample, `${name}@example.com`);
    await sample.query(
      `update jobs_job set created_at = now() - hours * interval '1 hour'
       from unnest($1::float8[]) with ordinality h(hours, place) where target_id = (select id::text from account order by id offset place - 1 limit 1)`,
      [hours],
    );
    const { body } = await sample.http('get', '/onboarding/ages', undefined, support);
    const [first, ...others] = body as StepAgesView[];
    // Since they signed up a moment has passed.
    expect(first).toMatchObject({
      type: 'onboarding.verify-email',
      here: 4,
      mean: expect.closeTo(281 / 4, 1) as number,
      median: expect.closeTo(40, 1) as number,
      p90: expect.closeTo(50 + 0.7 * 150, 1) as number,
      oldest: expect.closeTo(200, 1) as number,
    });
    expect(first?.columns.map(({ fromHours, count }) => [fromHours, count])).toEqual([
      [0, 0],
      [1, 1],
      [24, 2],
      [72, 0],
      [168, 1],
      [720, 0],
    ]);
    expect(others.map(({ type, here, oldest }) => [type, here, oldest])).toEqual([
      ['onboarding.name-company', 0, null],
      ['onboarding.add-payment-method', 0, null],
      ['onboarding.invite-colleague', 0, null],
    ]);
  });

  it('F3: says who stalls, the longest first, page by page', async () => {
    const ids = [];
    for (const name of ['ann', 'bob', 'cat']) ids.push((await Person.signUp(sample, `${name}@example.com`)).id);
    await sample.query(`update jobs_job set created_at = now() - interval '9 days' where target_id = $1`, [ids[1]]);
    await sample.query(`update jobs_job set created_at = now() - interval '4 days' where target_id = $1`, [ids[2]]);
    const stalled = async (query: string): Promise<StalledView> =>
      (await sample.http('get', `/onboarding/stalled?${query}`, undefined, support)).body as StalledView;
    const first = await stalled('days=3&limit=1');
    expect(first.accounts).toMatchObject([{ accountId: ids[1], type: 'onboarding.verify-email', hours: 216 }]);
    expect(await stalled(`days=3&limit=1&after=${encodeURIComponent(String(first.next))}`)).toMatchObject({
      accounts: [{ accountId: ids[2] }],
      next: null,
    });
  });

  it.each(['funnel', 'ages', 'stalled'])('G5: %s is for support alone', async (page) => {
    const answers = [];
    for (const headers of [{}, as('1'), support]) {
      answers.push((await sample.http('get', `/onboarding/${page}`, undefined, headers)).status);
    }
    expect(answers).toEqual([401, 403, 200]);
  });

  it('forgets nothing of who did not come on in time', async () => {
    await Person.signUp(sample, 'ann@example.com');
    await sample.query('update jobs_job set expires_at = now()');
    await sample.get(JobSweeps).expire();
    expect((await funnelOf(sample)).steps[0]).toMatchObject({ reached: 1, here: 0, expired: 1 });
  });
});

/** The onboarding, had somebody deleted the class of one step. */
@Module({
  controllers: [OnboardingController],
  providers: ONBOARDING_STEPS.filter((step) => step !== NameCompany),
})
class ShorterOnboardingModule {}

describe('F4: a step of the onboarding that is removed', () => {
  let before: SampleApplication;
  let after: SampleApplication;
  let ann: Person;

  beforeAll(async () => {
    before = await SampleApplication.start();
    ann = await Person.signUp(before, 'ann@example.com');
    await ann.verifyEmail();
    after = await before.restart((module) =>
      module.overrideModule(OnboardingModule).useModule(ShorterOnboardingModule),
    );
  });
  afterAll(() => after.close());

  it('is no longer asked for: others go on with the step after it', async () => {
    const bob = await Person.signUp(after, 'bob@example.com');
    await bob.verifyEmail();
    expect(await bob.jobs('open')).toEqual(['onboarding.add-payment-method']);
  });

  it('stays readable for whoever stands there, in their list and by itself', async () => {
    const { body } = await after.http('get', '/me/jobs?status=open', undefined, as(ann.id));
    expect(body.jobs).toMatchObject([{ type: 'onboarding.name-company', status: 'pending' }]);
    const { body: job } = await after.http('get', `/me/jobs/${body.jobs[0].id}`, undefined, as(ann.id));
    expect((job as JobDetailsView).history).toMatchObject([{ action: 'requested' }]);
  });

  it('is told of apart in the funnel', async () => {
    const { steps, removed } = await funnelOf(after);
    expect(steps.map(({ type }) => type)).not.toContain('onboarding.name-company');
    expect(removed).toMatchObject([{ type: 'onboarding.name-company', reached: 1, here: 1, fromPrevious: null }]);
  });
});

describe('The demonstration data', () => {
  let sample: SampleApplication;

  beforeAll(async () => {
    sample = await SampleApplication.start({ worker: false });
    expect(await fillWithDemoData(sample.settings)).toBe(true);
  });
  afterAll(() => sample.close());

  it('is told once', async () => {
    const funnel = await funnelOf(sample);
    expect(await fillWithDemoData(sample.settings)).toBe(false);
    const { steps, entered } = await funnelOf(sample);
    expect({ steps, entered }).toEqual({ steps: funnel.steps, entered: funnel.entered });
  });

  it('gives the funnel something to say', async () => {
    const funnel = await funnelOf(sample);
    expect(funnel.entered).toBe(24);
    // The card is what most do not come past; who stands somewhere for a month is let go.
    expect(funnel.steps.map(({ reached, done, here, expired }) => [reached, done, here, expired])).toEqual([
      [24, 20, 3, 1],
      [20, 16, 4, 0],
      [16, 7, 7, 2],
      [7, 4, 3, 0],
    ]);
  });

  it('has the times of the story, also in the history', async () => {
    const [{ oldest, told, future }] = (await sample.query(
      `select extract(day from now() - min(j.created_at))::int4 as oldest,
         (select extract(day from now() - min(at))::int4 from jobs_job_history) as told,
         (select count(*)::int4 from jobs_job where created_at > now() or closed_at > now()) as future from jobs_job j`,
    )) as [{ oldest: number; told: number; future: number }];
    expect([oldest, told, future]).toEqual([40, 40, 0]);
  });
});
