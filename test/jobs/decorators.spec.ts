import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  type Job,
  JobsService,
  JobSweeps,
  JobType,
  OnJobAssigned,
  OnJobCancelled,
  OnJobClaimed,
  OnJobCompleted,
  OnJobDue,
  OnJobExpired,
  OnJobReopened,
  OnJobRequested,
  OnReliableEvent,
  type TransactionalContext,
} from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@JobType('refund.review')
class ReviewRefund {
  declare metadata: { readonly amount: number };
}

@JobType('account.verify')
class VerifyAccount {}

interface Heard {
  readonly receiver: string;
  readonly event: string;
  readonly job: Job;
}

const heard: Heard[] = [];
let failures = 0;
let hold: (() => Promise<void>) | undefined;

function note(job: Job, { receiverId, eventName }: DeliveryContext): void {
  heard.push({ receiver: receiverId, event: eventName, job });
}

@Injectable()
class Ears {
  @OnJobRequested(ReviewRefund, { id: 'requested' })
  requested(job: Job<{ readonly amount: number }>, context: DeliveryContext): void {
    note(Object.assign(job, { metadata: { amount: job.metadata.amount + 1 } }), context);
  }
  @OnJobCompleted(ReviewRefund, { id: 'completed' })
  completed(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobCancelled(ReviewRefund, { id: 'cancelled' })
  cancelled(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobExpired(ReviewRefund, { id: 'expired' })
  expired(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobClaimed(ReviewRefund, { id: 'claimed' })
  claimed(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobAssigned(ReviewRefund, { id: 'assigned' })
  assigned(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobDue(ReviewRefund, { id: 'due' })
  due(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobReopened(ReviewRefund, { id: 'reopened' })
  reopened(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobRequested({ id: 'requested of any type' })
  ofAnyType(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobCancelled(VerifyAccount, { id: 'over' })
  @OnJobExpired(VerifyAccount, { id: 'over' })
  over(job: Job, context: DeliveryContext): void {
    note(job, context);
  }
  @OnJobRequested(VerifyAccount, { id: 'written', transactional: true, retry: { attempts: 3, delay: 1 } })
  async written(job: Job, context: TransactionalContext): Promise<void> {
    await hold?.();
    await context.manager.query('insert into effect (job) values ($1)', [job.id]);
    note(job, context);
    if (failures > 0) {
      failures -= 1;
      throw new Error('not yet');
    }
  }
}

describe('Receivers of what happens to jobs', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let jobs: JobsService;
  const clock = { offset: 0 };

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      providers: [ReviewRefund, VerifyAccount, Ears],
      jobs: { clock, sweep: false },
    });
    await application.dataSource.query('create table effect (job text not null)');
    jobs = application.context.get(JobsService, { strict: false });
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    await application.drained();
    heard.length = 0;
    failures = 0;
    hold = undefined;
    await application.dataSource.query('truncate effect, jobs_dead_letter, jobs_job, jobs_job_history');
  });

  const heardBy = (receiver: string): Heard[] => heard.filter((one) => one.receiver === receiver);
  const refund = (id = 'r1') =>
    jobs.request(ReviewRefund, {
      target: { type: 'Refund', id },
      metadata: { amount: 3 },
      candidates: ['role:support'],
    });

  it('hands the job over, typed by its type', async () => {
    const { job } = await refund();
    await application.drained();
    expect(heardBy('requested')).toEqual([
      expect.objectContaining({
        event: 'job.requested',
        job: expect.objectContaining({ id: job.id, type: 'refund.review', metadata: { amount: 4 } }),
      }),
    ]);
  });

  it.each<[string, string, (id: string) => Promise<unknown>]>([
    ['completed', 'job.completed', (id) => jobs.complete(id)],
    ['cancelled', 'job.cancelled', (id) => jobs.cancel(id)],
    ['claimed', 'job.claimed', (id) => jobs.claim(id, { by: 'user:1' })],
    ['assigned', 'job.assigned', (id) => jobs.assign(id, 'user:1')],
  ])('hears once of a job that was %s', async (receiver, event, change) => {
    const { job } = await refund();
    await change(job.id);
    await application.drained();
    expect(heardBy(receiver)).toEqual([
      expect.objectContaining({ event, job: expect.objectContaining({ id: job.id }) }),
    ]);
  });

  it('hears of a job that was opened again', async () => {
    const { job } = await refund();
    await jobs.cancel(job.id);
    await jobs.reopen(job.id);
    await application.drained();
    expect(heardBy('reopened')).toEqual([expect.objectContaining({ event: 'job.reopened' })]);
  });

  it('hears of a job that is due, once', async () => {
    const { job } = await refund();
    await jobs.setDue(job.id, new Date('2020-01-01'));
    const sweeps = application.context.get(JobSweeps, { strict: false });
    expect((await sweeps.run()).due).toBe(1);
    expect((await sweeps.run()).due).toBe(0);
    await application.drained();
    expect(heardBy('due')).toHaveLength(1);
  });

  it('tells an expired job to those who hear of expiry, and not to those who hear of cancelling', async () => {
    const { job } = await refund();
    await jobs.setExpiry(job.id, new Date('2020-01-01'));
    await application.context.get(JobSweeps, { strict: false }).expire();
    await application.drained();
    expect(heardBy('expired')).toEqual([
      expect.objectContaining({ job: expect.objectContaining({ status: 'cancelled', closeReason: 'expired' }) }),
    ]);
    expect(heardBy('cancelled')).toEqual([]);
  });

  it('hears of its own type alone, and without a type of all', async () => {
    await refund();
    await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' } });
    await application.drained();
    expect(heardBy('requested')).toHaveLength(1);
    expect(
      heardBy('requested of any type')
        .map(({ job }) => job.type)
        .sort(),
    ).toEqual(['account.verify', 'refund.review']);
  });

  it('is one receiver when decorators of one id are stacked', async () => {
    const cancelled = await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' } });
    const expired = await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a2' } });
    await jobs.cancel(cancelled.job.id);
    await jobs.setExpiry(expired.job.id, new Date('2020-01-01'));
    await application.context.get(JobSweeps, { strict: false }).expire();
    await application.drained();
    expect(
      heardBy('over')
        .map(({ event }) => event)
        .sort(),
    ).toEqual(['job.cancelled', 'job.expired']);
  });

  it('retries, and what it writes through its manager takes effect once', async () => {
    failures = 2;
    const { job } = await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' } });
    await application.drained();
    expect(heardBy('written')).toHaveLength(3);
    expect(await application.dataSource.query('select job from effect')).toEqual([{ job: job.id }]);
  });

  it('ends as a dead letter when its attempts are used up', async () => {
    failures = 3;
    await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' } });
    await application.drained();
    expect(await application.count('jobs_dead_letter', `kind = 'dead'`)).toBe(1);
    expect(await application.count('effect')).toBe(0);
  });

  it('is given the job as it is now', async () => {
    await application.dataSource.transaction(async (manager) => {
      const { job } = await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' }, manager });
      await jobs.setPriority(job.id, 9, { manager });
    });
    await application.drained();
    expect(heardBy('written')).toEqual([
      expect.objectContaining({ job: expect.objectContaining({ priority: 9, version: 2 }) }),
    ]);
  });

  it('discards what it hears of a job that is gone', async () => {
    await application.dataSource.transaction(async (manager) => {
      const { job } = await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' }, manager });
      await manager.query('delete from jobs_job where id = $1', [job.id]);
    });
    await application.drained();
    expect(heardBy('written')).toEqual([]);
    expect(
      await application.dataSource.query(`select reason from jobs_dead_letter where kind = 'discarded' limit 1`),
    ).toEqual([{ reason: expect.stringMatching(/^Job \d+ is gone\.$/) }]);
  });

  it('hears nothing of what was rolled back', async () => {
    await expect(
      application.dataSource.transaction(async (manager) => {
        await jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' }, manager });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await application.drained();
    expect(heard).toEqual([]);
  });
});

describe('Decorators of jobs refuse', () => {
  const boot = async (provider: new () => object): Promise<unknown> => {
    const database = await TestDatabase.create();
    try {
      const application = await TestApplication.start(database, { providers: [provider], jobs: { worker: false } });
      await application.close();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await database.drop();
    }
  };

  it('undefined for a type, which files that import each other leave', () => {
    const missing = undefined as unknown as typeof ReviewRefund;
    expect(() => OnJobRequested(missing)).toThrow(
      '@OnJobRequested was given undefined as the type, which often comes from files that import each other. ' +
        'Write @OnJobRequested() to hear of jobs of every type.',
    );
  });

  it('a class that is no job type', async () => {
    class Stranger {}
    @Injectable()
    class Listener {
      @OnJobRequested(Stranger)
      on(): void {}
    }
    expect(await boot(Listener)).toMatchObject({
      message: 'Listener.on: Stranger is no job type; decorate it with @JobType, which a subclass does not inherit.',
    });
  });

  it('an option that does not exist', async () => {
    @Injectable()
    class Listener {
      @OnJobRequested(ReviewRefund, { transactionl: true } as object)
      on(): void {}
    }
    expect(await boot(Listener)).toMatchObject({
      message: 'Listener.on: there is no option transactionl. Did you mean transactional?',
    });
  });

  it('one id for jobs and for events', async () => {
    @Injectable()
    class Listener {
      @OnJobRequested(ReviewRefund)
      @OnReliableEvent('order.paid')
      on(): void {}
    }
    expect(await boot(Listener)).toMatchObject({
      message: expect.stringContaining('One receiver is given jobs or events; give them different ids.'),
    });
  });

  it('a static method', () => {
    expect(() => {
      class Listener {
        @OnJobRequested(ReviewRefund)
        static on(): void {}
        off(): void {}
      }
      return Listener;
    }).toThrow('Listener.on is decorated with @OnJobRequested, but is no method that Nest can call.');
  });

  it('at compile time a handler of other metadata, and a manager without a transaction', () => {
    class Listener {
      // @ts-expect-error the metadata of the type has no text
      @OnJobRequested(ReviewRefund)
      metadata(job: Job<{ text: string }>): unknown {
        return job;
      }
      // @ts-expect-error without transactional there is no manager
      @OnJobRequested(ReviewRefund)
      manager(_job: Job, context: TransactionalContext): unknown {
        return context;
      }
      @OnJobRequested(ReviewRefund, { transactional: true })
      fits(job: Job<{ readonly amount: number }>, { manager }: TransactionalContext): unknown {
        return [job, manager];
      }
    }
    expect(Listener).toBeDefined();
  });
});
