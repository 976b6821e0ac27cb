import { Injectable, Module } from '@nestjs/common';
import { JobForbiddenError } from '../../lib/errors/job-forbidden.error.js';
import { JobNotFoundError } from '../../lib/errors/job-not-found.error.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { Job } from '../../lib/jobs/model/job.js';
import type { ActorJobs } from '../../lib/jobs/policy/actor-jobs.js';
import type { JobActor } from '../../lib/jobs/policy/job-actor.js';
import {
  JOB_POLICY,
  type JobPolicy,
  type JobScope,
  type JobVerb,
  type PolicyJob,
} from '../../lib/jobs/policy/job-policy.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobApplication, NO_JOBS } from '../support/job-application.js';

@JobType('refund.review', { outcomes: ['granted'], skippable: true, candidates: ['role:support'] })
class ReviewRefund {}

@JobType('refund.audit', { candidates: ['role:support'] })
class AuditRefund {}

const target = { type: 'Refund', id: 'r1' };
const anna: JobActor = { id: 'user:anna', roles: ['role:support'] };

/** Allows what the test says, and keeps what it was asked. */
@Injectable()
class AskedPolicy implements JobPolicy {
  allow: (verb: JobVerb, job: PolicyJob) => unknown = () => true;
  where: JobScope = {};
  readonly asked: { readonly verb: JobVerb; readonly job: PolicyJob }[] = [];

  can(_actor: JobActor, verb: JobVerb, job: PolicyJob): boolean {
    this.asked.push({ verb, job });
    return this.allow(verb, job) as boolean;
  }

  scope(): JobScope {
    return this.where;
  }
}

@Module({ providers: [AskedPolicy, { provide: JOB_POLICY, useExisting: AskedPolicy }] })
class PolicyModule {}

describe('jobs.as(actor)', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let policy: AskedPolicy;

  beforeAll(async () => {
    app = await JobApplication.start({ imports: [PolicyModule], providers: [ReviewRefund, AuditRefund] });
    ({ jobs } = app);
    policy = app.application.context.get(AskedPolicy, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    policy.allow = () => true;
    policy.where = {};
    await app.clear();
    policy.asked.length = 0;
  });

  const only =
    (...verbs: JobVerb[]) =>
    (verb: JobVerb): boolean =>
      verbs.includes(verb);

  type Call = (acting: ActorJobs, job: Job) => Promise<unknown>;

  /** Each verb about one job with what the policy is asked for it, and the action it leaves; the job is claimed by the actor and waits. */
  const VERBS: readonly (readonly [name: string, verb: JobVerb, action: string, call: Call])[] = [
    ['complete', 'complete', 'completed', (acting, { id }) => acting.complete(id, { outcome: 'granted' })],
    ['complete by type', 'complete', 'completed', (acting) => acting.complete(ReviewRefund, { target })],
    ['completeMany', 'complete', 'completed', (acting, { id }) => acting.completeMany([id])],
    ['cancel', 'cancel', 'cancelled', (acting, { id }) => acting.cancel(id)],
    ['cancel by type', 'cancel', 'cancelled', (acting) => acting.cancel(ReviewRefund, { target })],
    ['skip', 'skip', 'cancelled', (acting, { id }) => acting.skip(id)],
    ['decline', 'decline', 'cancelled', (acting, { id }) => acting.decline(id)],
    ['claim', 'claim', 'claimed', (acting, { id }) => acting.claim(id, { lapsesIn: '1h' })],
    ['release', 'release', 'released', (acting, { id }) => acting.release(id)],
    ['assign', 'assign', 'assigned', (acting, { id }) => acting.assign(id, 'user:bert')],
    ['unassign', 'assign', 'assigned', (acting, { id }) => acting.unassign(id)],
    ['transfer', 'transfer', 'transferred', (acting, { id }) => acting.transfer(id, ['role:finance'])],
    ['start', 'start', 'started', (acting, { id }) => acting.start(id)],
    ['snooze', 'snooze', 'snoozed', (acting, { id }) => acting.snooze(id, '1h')],
    ['wait', 'wait', 'waiting', (acting, { id }) => acting.wait(id, 'the bank')],
    ['resume', 'resume', 'resumed', (acting, { id }) => acting.resume(id)],
    ['setDue', 'setDue', 'rescheduled', (acting, { id }) => acting.setDue(id, new Date('2030-01-01'))],
    ['setExpiry', 'setExpiry', 'rescheduled', (acting, { id }) => acting.setExpiry(id, null)],
    ['setPriority', 'setPriority', 'prioritised', (acting, { id }) => acting.setPriority(id, 5)],
    ['tag', 'tag', 'tagged', (acting, { id }) => acting.tag(id, { add: ['red'] })],
    ['comment', 'comment', 'commented', (acting, { id }) => acting.comment(id, 'hm')],
  ];

  async function ready(): Promise<Job> {
    const { job } = await jobs.request(ReviewRefund, { target, assignee: 'user:carl' });
    await jobs.claim(job.id, { by: 'user:anna' });
    await jobs.wait(job.id, 'paper');
    return (await jobs.find(job.id))!;
  }

  describe.each(VERBS)('%s', (name, verb, action, call) => {
    it('is done in the name of the actor when the policy allows it, and says what it was asked', async () => {
      const job = await ready();
      policy.allow = only('view', verb);
      await call(jobs.as(anna), job);
      const [last] = await app.rows('select action, actor from jobs_job_history order by id desc limit 1');
      expect([last, policy.asked.map(({ verb: asked }) => asked)]).toEqual([
        { action, actor: 'user:anna' },
        ['view', verb],
      ]);
    });

    it('is forbidden when the policy only lets the actor see the job, and changes nothing', async () => {
      const job = await ready();
      const before = await app.written();
      policy.allow = only('view');
      await expect(call(jobs.as(anna), job)).rejects.toThrow(new JobForbiddenError('user:anna', verb));
      expect(await app.written()).toEqual(before);
    });

    it('finds no job the actor may not see, whatever else is allowed', async () => {
      const job = await ready();
      const before = await app.written();
      policy.allow = (asked) => asked !== 'view';
      const called = call(jobs.as(anna), job);
      if (name.endsWith('by type')) expect(await called).toEqual({ changed: 0, jobs: [] });
      else await expect(called).rejects.toThrow(new JobNotFoundError(job.id));
      expect(await app.written()).toEqual(before);
    });

    it('finds no job of another tenant, whatever the policy says', async () => {
      const job = await ready();
      const before = await app.written();
      const called = call(jobs.as({ ...anna, tenant: 'acme' }), job);
      if (name.endsWith('by type')) expect(await called).toEqual({ changed: 0, jobs: [] });
      else await expect(called).rejects.toThrow(JobNotFoundError);
      expect([await app.written(), policy.asked]).toEqual([before, []]);
    });
  });

  it.each([['1234567'], ['no-id'], ['99999999999999999999']])('finds no job %s that there is none of', async (id) => {
    await expect(jobs.as(anna).complete(id)).rejects.toThrow(JobNotFoundError);
  });

  it('opens a job again that the actor may reopen', async () => {
    const job = await ready();
    await jobs.complete(job.id);
    policy.allow = only('view', 'reopen');
    expect((await jobs.as(anna).reopen(job.id)).jobs[0]?.status).toBe('pending');
  });

  it('asks about the job as it is in that transaction', async () => {
    const job = await ready();
    policy.allow = (verb, { priority }) => verb === 'view' || priority === 9;
    await app.dataSource.transaction(async (manager) => {
      await jobs.setPriority(job.id, 9, { manager });
      await jobs.as(anna).complete(job.id, { manager });
    });
    expect((await jobs.find(job.id))?.status).toBe('completed');
  });

  it('keeps the job from being changed between the question and the deed', async () => {
    const job = await ready();
    let other: Promise<unknown> = Promise.resolve();
    policy.allow = (verb) => {
      if (verb === 'complete') other = jobs.cancel(job.id).catch((error: unknown) => error);
      return true;
    };
    const { changed } = await jobs.as(anna).complete(job.id);
    expect([changed, await other]).toMatchObject([
      1,
      { message: expect.stringContaining('is completed already') as string },
    ]);
  });

  it('takes nothing but true for a yes', async () => {
    const job = await ready();
    policy.allow = () => 'yes';
    await expect(jobs.as(anna).get(job.id)).rejects.toThrow(JobNotFoundError);
  });

  it('completes several jobs only when the actor may complete each', async () => {
    const mine = await jobs.request(ReviewRefund, { target: { type: 'Refund', id: '1' } });
    const other = await jobs.request(ReviewRefund, { target: { type: 'Refund', id: '2' } });
    policy.allow = (verb, { targetId }) => verb === 'view' || targetId === '1';
    await expect(jobs.as(anna).completeMany([mine.job.id, other.job.id])).rejects.toThrow(JobForbiddenError);
    expect(await app.count('jobs_job', `status = 'pending'`)).toBe(2);
  });

  it('completes by type and target only the jobs the actor may see', async () => {
    const mine = await jobs.request(ReviewRefund, { target, key: 'mine' });
    await jobs.request(ReviewRefund, { target, key: 'hidden' });
    policy.allow = (_, { key }) => key === 'mine';
    expect(await jobs.as(anna).complete(ReviewRefund, { target })).toMatchObject({
      changed: 1,
      jobs: [{ id: mine.job.id }],
    });
  });

  describe('get and history', () => {
    it('show a job the actor may see, and what happened to it', async () => {
      const job = await ready();
      const { entries } = await jobs.as(anna).history(job.id);
      expect([(await jobs.as(anna).get(job.id)).id, entries.map(({ action }) => action)]).toEqual([
        job.id,
        ['requested', 'claimed', 'waiting'],
      ]);
    });

    it('show nothing of a job the actor may not see', async () => {
      const job = await ready();
      policy.allow = () => false;
      await expect(jobs.as(anna).history(job.id)).rejects.toThrow(JobNotFoundError);
    });
  });

  describe('request', () => {
    it('is made in the name and tenant of the actor, and tells the policy what is asked for', async () => {
      const { job } = await jobs
        .as({ ...anna, tenant: 'acme' })
        .request(ReviewRefund, { target, assignee: 'user:bert', priority: 3, tags: ['x'], metadata: { a: 1 } });
      expect([job.createdBy, job.tenant, policy.asked]).toEqual([
        'user:anna',
        'acme',
        [
          {
            verb: 'request',
            job: {
              tenant: 'acme',
              type: 'refund.review',
              targetType: 'Refund',
              targetId: 'r1',
              createdBy: 'user:anna',
              assignee: 'user:bert',
              priority: 3,
              tags: ['x'],
              metadata: { a: 1 },
            },
          },
        ],
      ]);
    });

    it('is forbidden when the policy says so', async () => {
      policy.allow = () => false;
      await expect(jobs.as(anna).request(ReviewRefund, { target })).rejects.toThrow(
        'user:anna may not request this job.',
      );
      expect(await app.written()).toEqual(NO_JOBS);
    });

    it('is forbidden in another tenant', async () => {
      const acting = jobs.as({ ...anna, tenant: 'acme' });
      await expect(acting.request(ReviewRefund, { target, tenant: 'other' })).rejects.toThrow(JobForbiddenError);
    });

    it('shows nothing of an open job the actor may not see, and does not count', async () => {
      await jobs.request(ReviewRefund, { target, metadata: { secret: 1 } });
      policy.allow = only('request');
      await expect(jobs.as(anna).request(ReviewRefund, { target })).rejects.toThrow(JobForbiddenError);
      expect(await app.count('jobs_job', 'request_count = 1')).toBe(1);
    });

    it('does not pretend to be somebody else', async () => {
      const options = { target, by: 'user:eve' } as const;
      const { job } = await jobs.as(anna).request(ReviewRefund, options);
      expect(job.createdBy).toBe('user:anna');
    });
  });

  describe('claimNext', () => {
    async function requestSome(): Promise<Job[]> {
      const requested = await jobs.requestMany([
        { type: ReviewRefund, target, tenant: 'acme', priority: 3 },
        { type: AuditRefund, target, tenant: 'acme', priority: 2 },
        { type: ReviewRefund, target, tenant: 'other', priority: 1 },
      ]);
      return requested.map(({ job }) => job);
    }

    it('claims the most urgent job of the roles of the actor', async () => {
      const [first] = await requestSome();
      expect(await jobs.as(anna).claimNext()).toMatchObject({ id: first!.id, claimedBy: 'user:anna' });
    });

    it('passes by what the actor may not see or claim, and leaves it as it is', async () => {
      const [hidden, unclaimable, third] = await requestSome();
      policy.allow = (verb, { id }) => id !== hidden!.id && (verb === 'view' || id !== unclaimable!.id);
      const claimed = await jobs.as(anna).claimNext();
      expect([claimed?.id, await app.count('jobs_job', 'version = 1')]).toEqual([third!.id, 2]);
    });

    it('finds nothing when the actor may claim nothing', async () => {
      await requestSome();
      policy.allow = only('view');
      expect(await jobs.as(anna).claimNext()).toBeNull();
    });

    it('looks in the tenant of the actor only', async () => {
      const [, , third] = await requestSome();
      expect((await jobs.as({ ...anna, tenant: 'other' }).claimNext())?.id).toBe(third!.id);
    });

    it('looks within the scope of the policy only, and asks about nothing else', async () => {
      const [, second] = await requestSome();
      policy.where = { types: [AuditRefund], tenant: 'acme', principals: ['role:support'] };
      const claimed = await jobs.as(anna).claimNext();
      expect([claimed?.id, new Set(policy.asked.map(({ job: { id } }) => id))]).toEqual([
        second!.id,
        new Set([second!.id]),
      ]);
    });

    it.each([
      ['types outside the scope', { types: [ReviewRefund] }, anna, { types: ['refund.audit'] }],
      ['principals outside the scope', {}, anna, { principals: ['role:finance'] as const }],
      ['a tenant outside the scope', {}, { ...anna, tenant: 'acme' }, { tenant: 'other' }],
    ])('finds nothing for %s', async (_, options, actor, scope) => {
      await requestSome();
      policy.where = scope;
      expect(await jobs.as(actor).claimNext(options)).toBeNull();
    });

    it('claims a job that is assigned to the actor', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, assignee: 'user:anna', candidates: [] });
      expect((await jobs.as(anna).claimNext())?.id).toBe(job.id);
    });
  });

  it.each([
    ['no principal', { id: 'anna' }, 'actor.id: the text "anna" is not a principal'],
    [
      'a role that is none',
      { id: 'user:1', roles: ['support'] },
      'actor.roles[0]: the text "support" is not a principal',
    ],
    ['a tenant that is none', { id: 'user:1', tenant: '' }, 'tenant: an empty string says nothing'],
    ['a misspelt field', { id: 'user:1', tenat: 'a' }, 'Did you mean actor.tenant?'],
    ['nobody', undefined, 'as: option actor must be an object'],
  ])('refuses an actor that is %s', (_, actor, message) => {
    expect(() => jobs.as(actor as never)).toThrow(message);
  });
});

describe('jobs.as(actor) without a policy', () => {
  it('lets nobody do or see anything', async () => {
    const app = await JobApplication.start({ providers: [ReviewRefund] });
    try {
      const { job } = await app.jobs.request(ReviewRefund, { target });
      await expect(app.jobs.as(anna).get(job.id)).rejects.toThrow(JobNotFoundError);
      await expect(app.jobs.as(anna).request(ReviewRefund, { target })).rejects.toThrow(JobForbiddenError);
    } finally {
      await app.close();
    }
  });

  it('refuses a policy that is none', async () => {
    const app = await JobApplication.start({ providers: [{ provide: JOB_POLICY, useValue: { may: () => true } }] });
    try {
      expect(() => app.jobs.as(anna)).toThrow(
        'JOB_POLICY: object is no policy; provide an object with can(actor, verb, job)',
      );
    } finally {
      await app.close();
    }
  });
});
