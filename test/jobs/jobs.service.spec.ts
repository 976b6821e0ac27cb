import { Column, Entity, PrimaryColumn } from 'typeorm';
import { JobConflictError } from '../../lib/errors/job-conflict.error.js';
import { JobsService } from '../../lib/jobs/jobs.service.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { TypeOrmModule } from '@nestjs/typeorm';

@Entity()
class Account {
  @PrimaryColumn('text')
  id!: string;
  @Column('text')
  name!: string;
}

@JobType('onboarding.add-payment-method', {
  target: Account,
  outcomes: ['added', 'invoice'],
  skippable: true,
  expiresIn: '30d',
})
class AddPaymentMethod {
  declare outcome: 'added' | 'invoice';
}

@JobType('refund.review', { candidates: ['role:support'] })
class ReviewRefund {
  declare metadata: { amount: number };
}

describe('JobsService', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      imports: [TypeOrmModule.forFeature([Account])],
      providers: [AddPaymentMethod, ReviewRefund],
      jobs: { worker: false },
      typeorm: { poolSize: 30 },
    });
    jobs = application.context.get(JobsService, { strict: false });
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(() =>
    application.dataSource.query('truncate jobs_job, jobs_job_history, jobs_job_remembered, jobs_event, jobs_delivery'),
  );

  it('requests a job about an entity', async () => {
    const { job, created } = await jobs.request(AddPaymentMethod, { target: 'a1', assignee: 'user:7' });
    expect(created).toBe(true);
    expect(job).toMatchObject({
      type: 'onboarding.add-payment-method',
      status: 'pending',
      targetType: 'Account',
      targetId: 'a1',
      assignee: 'user:7',
      metadata: {},
      version: 1,
    });
    expect(job.expiresAt).toBeInstanceOf(Date);
    expect(await application.count('jobs_job_history', `action = 'requested'`)).toBe(1);
    expect(await application.count('jobs_event', `name = 'job.requested'`)).toBe(1);
  });

  it('makes one job of a hundred parallel requests', async () => {
    const requests = await Promise.all(
      Array.from({ length: 100 }, () => jobs.request(AddPaymentMethod, { target: 'a1' })),
    );
    expect(new Set(requests.map(({ job }) => job.id)).size).toBe(1);
    expect(requests.filter(({ created }) => created)).toHaveLength(1);
    expect(await application.count('jobs_job', 'request_count = 100')).toBe(1);
    expect(await application.count('jobs_event')).toBe(1);
  });

  it('completes what is pending, says so, and is told of it again without harm', async () => {
    const { job } = await jobs.request(AddPaymentMethod, { target: 'a1' });
    const first = await jobs.complete(AddPaymentMethod, { target: 'a1', outcome: 'added', metadata: {} });
    const second = await jobs.complete(job.id, { outcome: 'added' });
    const none = await jobs.complete(AddPaymentMethod, { target: 'a1' });
    expect(first).toMatchObject({ changed: 1, jobs: [{ status: 'completed', outcome: 'added', closeReason: 'done' }] });
    expect(second).toMatchObject({ changed: 0, jobs: [{ id: job.id }] });
    expect(none.changed).toBe(0);
    await expect(jobs.complete(job.id, { outcome: 'invoice' })).rejects.toThrow(JobConflictError);
    await expect(jobs.cancel(job.id)).rejects.toThrow(JobConflictError);
  });

  it('goes through every other verb', async () => {
    const { job } = await jobs.request(ReviewRefund, { metadata: { amount: 3 }, target: { type: 'Refund', id: 'r1' } });
    expect((await jobs.claim(job.id, { by: 'user:1', lapsesIn: '1h' })).changed).toBe(1);
    expect((await jobs.claim(job.id, { by: 'user:2' })).changed).toBe(0);
    expect((await jobs.release(job.id, { by: 'user:2' })).changed).toBe(0);
    expect((await jobs.release(job.id)).changed).toBe(1);
    expect((await jobs.assign(job.id, 'user:3')).changed).toBe(1);
    expect((await jobs.unassign(job.id)).changed).toBe(1);
    expect((await jobs.transfer(job.id, ['role:finance'])).changed).toBe(1);
    expect((await jobs.start(job.id)).changed).toBe(1);
    expect((await jobs.snooze(job.id, '1h')).changed).toBe(1);
    expect((await jobs.wait(job.id, 'the bank')).changed).toBe(1);
    expect((await jobs.resume(job.id)).changed).toBe(1);
    expect((await jobs.setDue(job.id, new Date('2030-01-01'))).changed).toBe(1);
    expect((await jobs.setExpiry(job.id, null)).changed).toBe(1);
    expect((await jobs.setPriority(job.id, 9)).changed).toBe(1);
    expect((await jobs.tag(job.id, { add: ['b', 'a'] })).jobs[0]?.tags).toEqual(['a', 'b']);
    expect((await jobs.tag(job.id, { remove: ['b'] })).jobs[0]?.tags).toEqual(['a']);
    expect((await jobs.comment(job.id, 'looks fine')).changed).toBe(1);
    expect(await jobs.claimNext({ by: 'user:9', as: ['role:support'] })).toBeNull();
    expect((await jobs.claimNext({ by: 'user:9', as: ['role:finance'] }))?.id).toBe(job.id);
    expect((await jobs.cancel(job.id)).jobs[0]?.closeReason).toBe('cancelled');
    expect((await jobs.reopen(job.id)).jobs[0]?.status).toBe('pending');
  });

  it('is born completed when it was done before it was requested', async () => {
    expect((await jobs.ensureCompleted(AddPaymentMethod, { target: 'a1', outcome: 'added' })).changed).toBe(0);
  });
});
