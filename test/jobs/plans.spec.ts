import { Entity, PrimaryColumn } from 'typeorm';
import { z } from 'zod';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import { ReliableEvent } from '../../lib/events/definition/reliable-event.decorator.js';
import { JobApplication } from '../support/job-application.js';

@Entity()
class Account {
  @PrimaryColumn()
  id!: string;
}

@Entity()
class Other {
  @PrimaryColumn()
  id!: string;
}

@ReliableEvent('profile.filled')
class ProfileFilled {
  constructor(readonly accountId: string) {}
}

const PLAN = { plan: 'onboarding', target: Account };

@JobType('onboarding.verify-email', { ...PLAN, step: 10 })
class VerifyEmail {}

@JobType('onboarding.fill-profile', {
  ...PLAN,
  step: 20,
  skippable: true,
  completeOn: [ProfileFilled, (event) => event.accountId],
})
class FillProfile {}

@JobType('onboarding.add-payment', { ...PLAN, step: 30, candidates: ['role:billing'] })
class AddPayment {}

@JobType('onboarding.invite-team', { ...PLAN, step: 40, assignee: ({ id }) => `user:${id}` })
class InviteTeam {}

const FOUR = [VerifyEmail, FillProfile, AddPayment, InviteTeam];
const target = 'a1';
const about = { target };

describe('A plan', () => {
  let app: JobApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    app = await JobApplication.start({ entities: [Account], providers: FOUR });
    ({ jobs } = app);
    await app.dataSource.getRepository(Account).save({ id: target });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const steps = (): Promise<readonly object[]> =>
    app.rows('select step, status, assignee from jobs_job order by step, id');

  it('requests the next step about the same target when one is completed, and nothing after the last', async () => {
    await jobs.request(VerifyEmail, { ...about, assignee: 'user:anna' });
    for (const type of FOUR) await jobs.complete(type, about);
    expect(await steps()).toEqual([
      { step: 10, status: 'completed', assignee: 'user:anna' },
      { step: 20, status: 'completed', assignee: 'user:anna' },
      { step: 30, status: 'completed', assignee: null },
      { step: 40, status: 'completed', assignee: 'user:a1' },
    ]);
  });

  it('keeps tenant and key, so that several go on side by side', async () => {
    await jobs.request(VerifyEmail, { ...about, tenant: 'acme', key: 'one' });
    await jobs.request(VerifyEmail, { ...about, tenant: 'acme', key: 'two' });
    await jobs.complete(VerifyEmail, { ...about, tenant: 'acme', key: 'two' });
    expect(await app.rows('select step, tenant, key from jobs_job order by id offset 2')).toEqual([
      { step: 20, tenant: 'acme', key: 'two' },
    ]);
  });

  it('tells of the next step and leaves its history', async () => {
    const { job } = await jobs.request(VerifyEmail, about);
    await jobs.complete(job);
    const [next] = await jobs.findPending(FillProfile, about);
    const { entries } = await jobs.history(next!);
    expect([await app.tracesOf(next!.id), entries.map(({ actor, note }) => [actor, note])]).toEqual([
      { history: ['requested'], facts: ['job.requested'] },
      [['system', `The next step of onboarding after job ${job.id}.`]],
    ]);
  });

  it('goes on in the transaction of the completion, or not at all', async () => {
    const { job } = await jobs.request(VerifyEmail, about);
    const before = await app.written();
    await app.dataSource
      .transaction(async (manager) => {
        await jobs.complete(job, { manager });
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(await app.written()).toEqual(before);
  });

  it('goes on when a step is skipped', async () => {
    const { job } = await jobs.request(FillProfile, about);
    await jobs.skip(job);
    expect(await jobs.findPending(AddPayment, about)).toHaveLength(1);
  });

  it('stops when a step is cancelled', async () => {
    const { job } = await jobs.request(FillProfile, about);
    await jobs.cancel(job);
    expect(await app.count('jobs_job')).toBe(1);
  });

  it('requests no step twice, however often the one before is completed', async () => {
    const { job } = await jobs.request(VerifyEmail, about);
    await jobs.complete(job);
    await jobs.reopen(job);
    await jobs.complete(job);
    expect(await app.rows('select step, request_count from jobs_job where step > 10')).toEqual([
      { step: 20, request_count: 1 },
    ]);
  });

  it('requests no step again that was done before its turn', async () => {
    await jobs.request(VerifyEmail, about);
    await jobs.request(FillProfile, about);
    await jobs.complete(FillProfile, about);
    await jobs.complete(VerifyEmail, about);
    expect((await steps()).map((step) => Reflect.get(step, 'status') as string)).toEqual([
      'completed',
      'completed',
      'pending',
    ]);
  });

  it('passes over a step that was done before it was requested', async () => {
    await jobs.ensureCompleted(FillProfile, about);
    await jobs.request(VerifyEmail, about);
    await jobs.complete(VerifyEmail, about);
    expect(await steps()).toMatchObject([
      { step: 10, status: 'completed' },
      { step: 20, status: 'completed' },
      { step: 30, status: 'pending' },
    ]);
  });

  it('goes on once when the same step is completed by many at once', async () => {
    const { job } = await jobs.request(VerifyEmail, about);
    await Promise.all(Array.from({ length: 10 }, () => jobs.complete(job)));
    expect(await app.rows('select step, request_count from jobs_job where step > 10')).toEqual([
      { step: 20, request_count: 1 },
    ]);
  });

  it('goes on from a step whose class is gone to the next there is, and its jobs stay readable', async () => {
    const { job } = await jobs.request(VerifyEmail, about);
    await app.rows(`update jobs_job set type = 'onboarding.retired', step = 25 where id = $1`, [job.id]);
    await jobs.complete(job.id);
    expect([(await jobs.find(job.id))?.status, (await jobs.findPending(AddPayment, about)).length]).toEqual([
      'completed',
      1,
    ]);
  });

  it('leaves out a step whose class is removed', async () => {
    const other = await JobApplication.start({ entities: [Account], providers: [VerifyEmail, AddPayment] });
    try {
      await other.jobs.request(VerifyEmail, about);
      await other.jobs.complete(VerifyEmail, about);
      expect(await other.jobs.findPending(AddPayment, about)).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  @JobType('onboarding.elsewhere', { plan: 'onboarding', step: 50, target: Other })
  class Elsewhere {}

  @JobType('onboarding.demanding', { ...PLAN, step: 50, metadata: z.object({ size: z.number() }) })
  class Demanding {}

  it.each<readonly [string, new () => object, string]>([
    [
      'are about different entities',
      Elsewhere,
      'onboarding.verify-email and onboarding.elsewhere are steps of it, but not about the same target',
    ],
    [
      'cannot be requested without metadata',
      Demanding,
      'onboarding.demanding is requested by the plan, without metadata, which its schema refuses',
    ],
  ])('is refused at the start when its steps %s', async (_, type, message) => {
    await expect(JobApplication.start({ entities: [Account, Other], providers: [VerifyEmail, type] })).rejects.toThrow(
      message,
    );
  });
});
