import { Logger } from '@nestjs/common';

import type { JobDetailsView } from '../../sample/job-api/job-details.view.js';
import type { JobView } from '../../sample/job-api/job.view.js';
import { LogCapture } from '../support/log-capture.js';
import { as, SampleApplication } from './support/sample-application.js';

describe('The queue of support', () => {
  let sample: SampleApplication;
  const ada = as('ada', 'role:support');
  const bob = as('bob', 'role:support');
  const eve = as('eve');

  beforeAll(async () => (sample = await SampleApplication.start()));
  afterAll(() => sample.close());
  beforeEach(async () => {
    await sample.drained();
    await sample.query('truncate jobs_job, jobs_job_history, jobs_job_remembered');
  });

  const post = (path: string, body: object, headers = ada) => sample.http('post', `/staff/jobs/${path}`, body, headers);
  const show = async (id: string): Promise<JobDetailsView> =>
    (await sample.http('get', `/staff/jobs/${id}`, undefined, ada)).body as JobDetailsView;

  /** A payment that succeeded, and of which the provider then says `times` times that it failed. */
  async function contradict(times = 1): Promise<string> {
    const { payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');
    for (let time = 0; time < times; time++) expect((await sample.webhook(payment.id, 'failed')).status).toBe(409);
    return payment.id;
  }

  async function claimNext(headers = ada): Promise<JobView> {
    const { body } = await post('next', {}, headers);
    return (body as { job: JobView }).job;
  }

  it('G1: gets one job of the same exception five times, with its target and a count, and the log gets nothing', async () => {
    const log = new LogCapture();
    Logger.overrideLogger(log);
    const paymentId = await contradict(5).finally(() => {
      Logger.overrideLogger(false);
    });
    expect(await sample.count('jobs_job')).toBe(1);
    expect(await claimNext()).toMatchObject({
      type: 'payments.reconcile',
      status: 'pending',
      target: { type: 'Payment', id: paymentId },
      requestCount: 5,
      metadata: { ours: 'succeeded', theirs: 'failed' },
    });
    expect(log.messages('error', 'fatal')).toEqual([]);
  });

  it('is nothing for a notice that merely repeats', async () => {
    const { payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');
    await sample.webhook(payment.id, 'succeeded');
    expect(await sample.count('jobs_job')).toBe(0);
  });

  it('gives the most urgent job to whoever asks next, and each to one', async () => {
    await contradict();
    await contradict();
    const [one, other] = await Promise.all([claimNext(ada), claimNext(bob)]);
    expect(new Set([one.id, other.id]).size).toBe(2);
    expect([one.claimedBy, other.claimedBy]).toEqual(['user:ada', 'user:bob']);
    expect(await claimNext()).toBeNull();
  });

  describe('as a list', () => {
    interface Page {
      readonly jobs: readonly JobView[];
      readonly next: string | null;
    }
    const list = async (query: string, headers = ada): Promise<Page> =>
      (await sample.http('get', `/staff/jobs?${query}`, undefined, headers)).body as Page;
    const question = (title: string) =>
      sample.http('post', '/me/jobs', { type: 'support.answer-question', title }, eve);

    it('G2: shows jobs of a type, and only those', async () => {
      await contradict();
      await contradict();
      await question('Where is my invoice?');
      const types = async (query: string) => (await list(query)).jobs.map(({ type }) => type);
      expect(await types('type=payments.reconcile')).toEqual(['payments.reconcile', 'payments.reconcile']);
      expect(await types('type=support.answer-question')).toEqual(['support.answer-question']);
      expect(await types('type=orders.chase-payment')).toEqual([]);
      expect(await types('')).toEqual(['payments.reconcile', 'payments.reconcile', 'support.answer-question']);
      expect(await types('type=payments.reconcile&type=support.answer-question&sort=newest')).toHaveLength(3);
    });

    it('says how much there is of what', async () => {
      await contradict();
      await contradict();
      await question('Where is my invoice?');
      await sample.http('post', '/me/jobs', { type: 'personal.follow-up', title: 'mine' }, eve);
      const { id } = await claimNext();
      await post(`${id}/assign`, { assignee: 'user:bob' });
      const facets = async (query: string): Promise<unknown> =>
        (await sample.http('get', `/staff/jobs/facets?${query}`, undefined, ada)).body;
      expect(await facets('')).toEqual({
        counted: 3,
        capped: false,
        facets: {
          type: [
            { value: 'payments.reconcile', count: 2 },
            { value: 'support.answer-question', count: 1 },
          ],
          phase: [
            { value: 'open', count: 2 },
            { value: 'claimed', count: 1 },
          ],
          assignee: [
            { value: null, count: 2 },
            { value: 'user:bob', count: 1 },
          ],
        },
      });
      expect(await facets('type=support.answer-question')).toMatchObject({
        facets: { type: [{ value: 'support.answer-question', count: 1 }] },
      });
      expect((await sample.http('get', '/staff/jobs/facets?after=x', undefined, ada)).status).toBe(400);
    });

    it('shows nothing that is not for support', async () => {
      await sample.http('post', '/me/jobs', { type: 'personal.follow-up', title: 'mine' }, eve);
      expect(await list('')).toEqual({ jobs: [], next: null });
      expect(await list('type=personal.follow-up')).toEqual({ jobs: [], next: null });
    });

    it('narrows by who has a job, by how often it happened, and by status', async () => {
      const paymentId = await contradict(3);
      await contradict();
      const { id } = await claimNext();
      await post(`${id}/assign`, { assignee: 'user:bob' });
      const ids = async (query: string, headers = ada) => (await list(query, headers)).jobs.map((job) => job.id);
      expect(await ids('mine=true')).toEqual([id]);
      expect(await ids('mine=true', bob)).toEqual([id]);
      expect(await ids('assignee=user:bob')).toEqual([id]);
      expect(await ids('unassigned=true')).toHaveLength(1);
      expect((await list('occurrences=3')).jobs.map(({ target }) => target.id)).toEqual([paymentId]);
      await post(`${id}/complete`, {});
      expect(await ids('status=completed')).toEqual([id]);
      expect(await ids('status=pending')).toHaveLength(1);
      expect(await ids('overdue=true')).toEqual([]);
    });

    it('is read page by page, each job once', async () => {
      for (const title of ['one', 'two', 'three', 'four', 'five']) await question(title);
      const titles: unknown[] = [];
      let after = '';
      for (;;) {
        const { jobs, next } = await list(`sort=oldest&limit=2${after}`);
        titles.push(jobs.map(({ metadata }) => metadata['title']));
        if (next === null) break;
        after = `&after=${encodeURIComponent(next)}`;
      }
      expect(titles).toEqual([['one', 'two'], ['three', 'four'], ['five']]);
    });

    it('refuses a cursor that no page gave, and one of another list', async () => {
      await question('one');
      await question('two');
      const { next } = await list('sort=oldest&limit=1');
      const status = async (query: string) => (await sample.http('get', `/staff/jobs?${query}`, undefined, ada)).status;
      const given = encodeURIComponent(next ?? '');
      expect(await status(`sort=oldest&limit=1&after=${given}`)).toBe(200);
      expect(await status(`sort=newest&limit=1&after=${given}`)).toBe(400);
      expect(await status(`sort=oldest&limit=1&after=${given.slice(0, -3)}AAA`)).toBe(400);
      expect(await status('after=whatever')).toBe(400);
    });

    it.each([
      'status=done',
      'limit=0',
      'limit=1000',
      'sort=random',
      'mine=perhaps',
      'occurrences=x',
      'assignee=bob',
      'page=2',
    ])('refuses %s', async (query) => {
      expect((await sample.http('get', `/staff/jobs?${query}`, undefined, ada)).status).toBe(400);
    });
  });

  it('gives only jobs of the types asked for', async () => {
    await contradict();
    expect((await post('next', { types: ['orders.chase-payment'] })).body).toEqual({ job: null });
    expect((await post('next', { types: ['payments.reconcile'] })).body).toMatchObject({ job: { status: 'pending' } });
  });

  it('G3: handles a job: claimed, commented, completed with an outcome, and who did it is told', async () => {
    await contradict();
    const { id } = await claimNext();
    await post(`${id}/comments`, { text: 'The provider looks.' }, bob);
    const { status, body } = await post(`${id}/complete`, { outcome: 'provider-was-wrong', note: 'They apologised.' });
    expect([status, body]).toMatchObject([200, { status: 'completed', outcome: 'provider-was-wrong' }]);
    const { history } = await show(id);
    expect(history.map(({ action, actor, note }) => [action, actor, note])).toEqual([
      ['requested', 'system', null],
      ['claimed', 'user:ada', null],
      ['commented', 'user:bob', 'The provider looks.'],
      ['completed', 'user:ada', 'They apologised.'],
    ]);
  });

  it('assigns a job to somebody, who then may complete it', async () => {
    await contradict();
    const { id } = await claimNext();
    await post(`${id}/release`, {});
    expect((await post(`${id}/complete`, {}, bob)).status).toBe(403);
    expect((await post(`${id}/assign`, { assignee: 'user:bob' })).body).toMatchObject({ assignee: 'user:bob' });
    expect((await post(`${id}/complete`, {}, bob)).body).toMatchObject({ status: 'completed' });
  });

  it('cancels a job, and says why', async () => {
    await contradict();
    const { id } = await claimNext();
    expect((await post(`${id}/cancel`, { note: 'A test.' })).body).toMatchObject({ closeReason: 'cancelled' });
    expect((await show(id)).history.at(-1)).toMatchObject({ action: 'cancelled', actor: 'user:ada', note: 'A test.' });
  });

  it('lets nobody complete or cancel what somebody else has', async () => {
    await contradict();
    const { id } = await claimNext(ada);
    for (const verb of ['complete', 'cancel', 'release'])
      expect((await post(`${id}/${verb}`, {}, bob)).status).toBe(403);
    expect(await show(id)).toMatchObject({ status: 'pending', claimedBy: 'user:ada' });
  });

  it('refuses an outcome its type does not have, a second ending, and what would make it too large', async () => {
    await contradict();
    const { id } = await claimNext();
    expect((await post(`${id}/complete`, { outcome: 'whatever' })).status).toBe(400);
    const large = await post(`${id}/complete`, { metadata: { log: 'x'.repeat(70_000) } });
    expect([large.status, large.body.message]).toEqual([400, expect.stringMatching(/^metadata: .*65536/)]);
    expect((await show(id)).status).toBe('pending');
    await post(`${id}/complete`, { outcome: 'provider-was-wrong' });
    expect((await post(`${id}/complete`, { outcome: 'corrected-by-hand' })).status).toBe(409);
    expect((await post(`${id}/cancel`, {})).status).toBe(409);
  });

  const ROUTES: readonly (readonly ['get' | 'post', string, object | undefined])[] = [
    ['get', '/staff/jobs', undefined],
    ['get', '/staff/jobs/facets', undefined],
    ['post', '/staff/jobs/next', {}],
    ['get', '/staff/jobs/ID', undefined],
    ['post', '/staff/jobs/ID/claim', {}],
    ['post', '/staff/jobs/ID/release', {}],
    ['post', '/staff/jobs/ID/assign', { assignee: 'user:bob' }],
    ['post', '/staff/jobs/ID/comments', { text: 'hello' }],
    ['post', '/staff/jobs/ID/complete', {}],
    ['post', '/staff/jobs/ID/cancel', {}],
  ];

  it.each(ROUTES)(
    'G5: %s %s is closed to strangers (401) and to whoever is not of support (403)',
    async (method, path, body) => {
      await contradict();
      const { id } = await claimNext();
      const route = path.replace('ID', id);
      const forged = {
        authorization: `Bearer ${ada['authorization']?.slice('Bearer '.length).split('.')[0] ?? ''}.AAAA`,
      };
      const answers = [];
      for (const headers of [{}, forged, eve]) answers.push((await sample.http(method, route, body, headers)).status);
      expect(answers).toEqual([401, 401, 403]);
      expect(await show(id)).toMatchObject({ status: 'pending', claimedBy: 'user:ada', assignee: null });
    },
  );

  it.each(ROUTES.filter(([, path]) => path.includes('ID')))(
    'an id is no permission: %s %s does not know a job that is not for support',
    async (method, path, body) => {
      const { body: mine } = await sample.http('post', '/me/jobs', { type: 'personal.follow-up', title: 'mine' }, eve);
      const id = (mine as JobView).id;
      expect((await sample.http(method, path.replace('ID', id), body, ada)).status).toBe(404);
      expect((await sample.http(method, path.replace('ID', '987654321'), body, ada)).status).toBe(404);
    },
  );
});
