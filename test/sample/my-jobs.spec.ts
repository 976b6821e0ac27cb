import { JobsService } from '../../lib/index.js';
import type { JobView } from '../../sample/job-api/job.view.js';
import { VerifyEmail } from '../../sample/onboarding/steps/verify-email.js';
import { as, SampleApplication } from './support/sample-application.js';

describe('A user’s own list', () => {
  let sample: SampleApplication;
  const ann = as('ann');
  const eve = as('eve');
  const support = as('ada', 'role:support');

  beforeAll(async () => (sample = await SampleApplication.start({ worker: false })));
  afterAll(() => sample.close());
  beforeEach(async () => {
    await sample.query('truncate jobs_job, jobs_job_history, jobs_job_remembered');
  });

  const create = (body: object, headers = ann) => sample.http('post', '/me/jobs', body, headers);
  async function followUp(title: string, headers = ann): Promise<JobView> {
    return (await create({ type: 'personal.follow-up', title }, headers)).body as JobView;
  }

  const list = async (query = '', headers = ann): Promise<string[]> => {
    const { body } = await sample.http('get', `/me/jobs?${query}`, undefined, headers);
    return (body as { jobs: JobView[] }).jobs.map(({ metadata }) => String(metadata['title']));
  };

  it('H1: shows what is one’s own, open or closed, and nothing else', async () => {
    await followUp('of eve', eve);
    await followUp('first');
    const { id } = await followUp('second');
    await sample.http('post', `/me/jobs/${id}/complete`, undefined, ann);
    expect([await list(), await list('status=closed'), await list('', eve)]).toEqual([
      ['first'],
      ['second'],
      ['of eve'],
    ]);
    expect(await list('', as('nobody'))).toEqual([]);
  });

  it('H1: counts what is open on a badge', async () => {
    await followUp('of eve', eve);
    await followUp('first');
    await followUp('second');
    await sample.query(`update jobs_job set due_at = now() - interval '1 minute' where key = 'first'`);
    const { body } = await sample.http('get', '/me/jobs/badge', undefined, ann);
    expect(body).toEqual({ open: 2, more: false, overdue: 1 });
  });

  it('is read page by page', async () => {
    for (const title of ['one', 'two', 'three']) await followUp(title);
    const { body } = await sample.http('get', '/me/jobs?limit=2', undefined, ann);
    expect([body.jobs.length, await list(`limit=2&after=${encodeURIComponent(body.next)}`)]).toEqual([2, ['three']]);
    expect(
      (await sample.http('get', `/me/jobs?limit=2&after=${encodeURIComponent(body.next)}`, undefined, eve)).status,
    ).toBe(400);
  });

  it('H3: shows what the application asks of somebody', async () => {
    const { body } = await sample.http('post', '/accounts', { email: 'ann@example.com' });
    await sample.get(JobsService).request(VerifyEmail, { target: body.account.id });
    const { body: page } = await sample.http('get', '/me/jobs', undefined, { authorization: `Bearer ${body.token}` });
    expect(page.jobs).toMatchObject([{ type: 'onboarding.verify-email', target: { type: 'Account' } }]);
  });

  it.each(['status=all', 'limit=x', 'user=user:eve', 'after=x'])('refuses %s', async (query) => {
    expect((await sample.http('get', `/me/jobs?${query}`, undefined, ann)).status).toBe(400);
  });

  it.each(['/me/jobs', '/me/jobs/badge'])('G5: %s is closed to strangers', async (path) => {
    expect((await sample.http('get', path)).status).toBe(401);
  });

  it('H2: takes a job of a type that is open to users, in their name', async () => {
    const { status, body } = await create({ type: 'personal.follow-up', title: 'Call the printer', details: '555' });
    expect([status, body]).toMatchObject([
      201,
      { status: 'pending', assignee: 'user:ann', metadata: { title: 'Call the printer', details: '555' } },
    ]);
    expect(await sample.query('select created_by from jobs_job')).toEqual([{ created_by: 'user:ann' }]);
  });

  it('takes the same once while it is open', async () => {
    expect((await followUp('Call the printer')).id).toBe((await followUp('Call the printer')).id);
    expect(await sample.count('jobs_job')).toBe(1);
  });

  it('keeps the same title of two people apart', async () => {
    expect((await followUp('Call the printer')).id).not.toBe((await followUp('Call the printer', eve)).id);
  });

  it.each(['payments.reconcile', 'orders.chase-payment', 'onboarding.verify-email', 'no.such-type', '__proto__'])(
    'H2: refuses %s, which is not for users to ask for',
    async (type) => {
      expect((await create({ type, title: 'x' })).status).toBe(400);
      expect(await sample.count('jobs_job')).toBe(0);
    },
  );

  it('H4: completes a job in one call', async () => {
    const { id } = await followUp('Call the printer');
    const { status, body } = await sample.http('post', `/me/jobs/${id}/complete`, undefined, ann);
    expect([status, body]).toMatchObject([200, { status: 'completed', closeReason: 'done' }]);
    expect((await sample.http('post', `/me/jobs/${id}/complete`, undefined, ann)).status).toBe(200);
  });

  it('lets support answer what a user asks, and shows the user what became of it', async () => {
    const { body } = await create({ type: 'support.answer-question', title: 'Where is my invoice?' });
    const { id } = body as JobView;
    expect((await sample.http('post', `/me/jobs/${id}/complete`, undefined, ann)).status).toBe(403);
    await sample.http('post', '/staff/jobs/next', {}, support);
    await sample.http('post', `/staff/jobs/${id}/complete`, { outcome: 'answered', note: 'In your mailbox.' }, support);
    expect((await sample.http('get', `/me/jobs/${id}`, undefined, ann)).body).toMatchObject({
      status: 'completed',
      outcome: 'answered',
      history: [{ action: 'requested', actor: 'user:ann' }, {}, { action: 'completed', note: 'In your mailbox.' }],
    });
  });

  const ROUTES: readonly (readonly ['get' | 'post', string])[] = [
    ['get', '/me/jobs/ID'],
    ['post', '/me/jobs/ID/complete'],
    ['post', '/me/jobs/ID/skip'],
  ];

  it.each(ROUTES)('an id is no permission: %s %s answers 404 to whoever is not concerned', async (method, path) => {
    const { id } = await followUp('Call the printer');
    const answers = [];
    for (const headers of [eve, support, {}]) {
      answers.push((await sample.http(method, path.replace('ID', id), undefined, headers)).status);
    }
    answers.push((await sample.http(method, path.replace('ID', '987654321'), undefined, ann)).status);
    expect(answers).toEqual([404, 404, 401, 404]);
    expect(await sample.query('select status from jobs_job')).toEqual([{ status: 'pending' }]);
  });
});
