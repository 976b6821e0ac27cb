import { Injectable } from '@nestjs/common';
import { CompleteJob, JobType, OnReliableEvent, RequestJob, UnknownJobTypeError } from '../../lib/index.js';
import { RunningJobs } from '../support/running-jobs.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@JobType('refund.review', { outcomes: ['granted', 'refused'], candidates: ['role:support'] })
class ReviewRefund {
  declare metadata: { readonly amount: number };
  declare outcome: 'granted' | 'refused';
}

const heard: string[] = [];

@Injectable()
class Ears {
  @OnReliableEvent('job.*', { id: 'ears' })
  hear(_event: unknown, { eventName }: { readonly eventName: string }): void {
    heard.push(eventName);
  }
}

const refund = { type: 'Refund', id: 'r1' };

describe('Commands', () => {
  let fixture: RunningJobs;

  beforeAll(async () => {
    fixture = await RunningJobs.start({ providers: [ReviewRefund, Ears] });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await fixture.reset();
    heard.length = 0;
  });

  const send = async (command: object, tenant?: string): Promise<void> => {
    await fixture.application.events.emit(command, tenant === undefined ? {} : { tenant });
    await fixture.application.drained();
  };
  /** As a sender without types or of another language writes it. */
  const sendRaw = async (name: string, payload: object): Promise<void> => {
    await fixture.application.events.emit(name as never, payload as never);
    await fixture.application.drained();
  };
  const deadLetters = () =>
    fixture.rows<{ reason: string; attempts: number }>('select reason, attempts from jobs_dead_letter');

  it('request a job with everything they say', async () => {
    const dueAt = new Date('2030-01-31T08:00:00Z');
    await send(
      new RequestJob(ReviewRefund, {
        target: refund,
        key: 'k',
        assignee: 'user:7',
        candidates: ['role:finance'],
        metadata: { amount: 3 },
        dueAt,
        expiresIn: '1d',
        priority: 5,
        tags: ['late'],
        by: 'user:1',
        note: 'please',
      }),
    );
    expect(
      await fixture.rows(
        `select type, target_type, target_id, key, assignee, candidates, metadata, due_at, expires_at > now() as expires, priority, tags,
           created_by from jobs_job`,
      ),
    ).toEqual([
      {
        type: 'refund.review',
        target_type: 'Refund',
        target_id: 'r1',
        key: 'k',
        assignee: 'user:7',
        candidates: ['role:finance'],
        metadata: { amount: 3 },
        due_at: dueAt,
        expires: true,
        priority: 5,
        tags: ['late'],
        created_by: 'user:1',
      },
    ]);
  });

  it('request once what is requested twice', async () => {
    await send(new RequestJob('refund.review', { target: refund }));
    await send(new RequestJob('refund.review', { target: refund }));
    expect(await fixture.rows('select request_count from jobs_job')).toEqual([{ request_count: 2 }]);
  });

  it('are told apart from the facts they lead to', async () => {
    await send(new RequestJob('refund.review', { target: refund }));
    await send(new CompleteJob('refund.review', { target: refund, outcome: 'granted' }));
    expect([...heard].sort()).toEqual(['job.complete', 'job.completed', 'job.request', 'job.requested']);
  });

  it('complete all pending jobs of a type and target', async () => {
    await fixture.jobs.request(ReviewRefund, { target: refund, metadata: { amount: 1 } });
    await fixture.jobs.request(ReviewRefund, { target: refund, metadata: { amount: 1 }, key: 'second' });
    await send(
      new CompleteJob(ReviewRefund, { target: refund, outcome: 'granted', metadata: { amount: 2 }, by: 'user:1' }),
    );
    const done = { status: 'completed', close_reason: 'done', outcome: 'granted', closed_by: 'user:1' };
    expect(await fixture.of('r1')).toEqual([expect.objectContaining(done), expect.objectContaining(done)]);
    expect(await fixture.application.count('jobs_job', `metadata = '{"amount": 2}'`)).toBe(2);
  });

  it('complete one job by its id', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund, metadata: { amount: 1 } });
    await fixture.jobs.request(ReviewRefund, { target: refund, metadata: { amount: 1 }, key: 'second' });
    await send(new CompleteJob({ id: job.id }, { outcome: 'refused' }));
    expect((await fixture.of('r1')).map(({ outcome }) => outcome)).toEqual(['refused', null]);
  });

  it('are no error when there is nothing to complete', async () => {
    await send(new CompleteJob(ReviewRefund, { target: refund, outcome: 'granted' }));
    expect(await deadLetters()).toEqual([]);
    expect(await fixture.application.count('jobs_job')).toBe(0);
  });

  it('leave fields alone that they do not know, and take null for nothing said', async () => {
    await sendRaw('job.request', {
      type: 'refund.review',
      target: refund,
      colour: 'green',
      manager: 'me',
      dueIn: null,
      metadata: null,
      key: null,
    });
    expect(await fixture.of('r1')).toEqual([expect.objectContaining({ status: 'pending' })]);
    await sendRaw('job.complete', { type: 'refund.review', target: refund, outcome: 'granted', colour: 'green' });
    expect(await fixture.of('r1')).toEqual([expect.objectContaining({ status: 'completed' })]);
  });

  it('belong to the tenant of their event unless they name one', async () => {
    await send(new RequestJob('refund.review', { target: refund }), 'north');
    await send(new RequestJob('refund.review', { target: refund, tenant: 'south' }), 'north');
    expect(await fixture.rows('select tenant from jobs_job order by id')).toEqual([
      { tenant: 'north' },
      { tenant: 'south' },
    ]);
  });

  it('join the transaction of their sender', async () => {
    await expect(
      fixture.application.dataSource.transaction(async (manager) => {
        await fixture.application.events.emit(new RequestJob('refund.review', { target: refund }), { manager });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await fixture.application.drained();
    expect(await fixture.application.count('jobs_job')).toBe(0);
  });

  it.each([
    ['no type', 'job.request', { target: refund }, 'the command names no type of job'],
    [
      'an assignee that is no principal',
      'job.request',
      { type: 'refund.review', target: refund, assignee: 'me' },
      'assignee',
    ],
    ['a moment that is none', 'job.request', { type: 'refund.review', target: refund, dueAt: 'soon' }, 'dueAt'],
    ['another outcome', 'job.complete', { type: 'refund.review', target: refund, outcome: 'lost' }, 'outcome'],
  ])('are given up at once with %s', async (_, name, payload, reason) => {
    await fixture.jobs.request(ReviewRefund, { target: refund, metadata: { amount: 1 } });
    await sendRaw(name, payload);
    expect(await deadLetters()).toEqual([{ attempts: 1, reason: expect.stringContaining(reason) }]);
  });

  it('wait for a process that provides their type', async () => {
    await fixture.application.events.emit(new RequestJob('of.another-process', { target: refund }));
    const failure = async () =>
      fixture.rows<{ name: string }>(`select failures -> 0 ->> 'name' as name from jobs_delivery where attempts = 1`);
    await until(async () => (await failure()).length === 1, 'a failed attempt');
    expect(await failure()).toEqual([{ name: UnknownJobTypeError.name }]);
    await fixture.rows('delete from jobs_delivery');
  });
});

describe('Commands in a process without types of job', () => {
  it('are left to others', async () => {
    const database = await TestDatabase.create();
    const application = await TestApplication.start(database, { jobs: { worker: false } });
    expect(await application.count('jobs_receiver')).toBe(0);
    await application.close();
    await database.drop();
  });
});
