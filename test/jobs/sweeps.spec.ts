import { Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Cron, Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import type { EntityManager } from 'typeorm';
import { type Job, JobSweeps, JobType, type JobsModuleOptions } from '../../lib/index.js';
import { SWEEP_NAME } from '../../lib/jobs/sweeps/sweep-schedule.js';
import { RunningJobs } from '../support/running-jobs.js';
import { Signal } from '../support/signal.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@JobType('refund.review', { candidates: ['role:support'] })
class ReviewRefund {}

const asked: string[] = [];
let isDone: (job: Job, manager: EntityManager) => unknown = () => false;

@JobType('account.verify', {})
class VerifyAccount {
  isDone(job: Job, manager: EntityManager): boolean | Promise<boolean> {
    asked.push(job.targetId);
    return isDone(job, manager) as boolean;
  }
}

const refund = (id: string) => ({ type: 'Refund', id });
const HOUR = 3_600_000;

describe('Sweeps', () => {
  let fixture: RunningJobs;
  const errors: unknown[] = [];

  beforeAll(async () => {
    fixture = await RunningJobs.start(
      { providers: [ReviewRefund, VerifyAccount], typeorm: { poolSize: 20 } },
      { onError: (error) => errors.push(error) },
    );
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await fixture.reset();
    await fixture.rows('truncate jobs_event');
    asked.length = 0;
    errors.length = 0;
    isDone = () => false;
  });

  const nothing = { expired: 0, due: 0, lapsed: 0, resumed: 0, done: 0, targetGone: 0 };

  it('cancel what has expired, once, with its history and its event', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund('r1'), expiresIn: '1h' });
    expect(await fixture.sweeps.expire()).toBe(0);
    fixture.clock.offset = HOUR;
    expect(await fixture.sweeps.expire()).toBe(1);
    expect(await fixture.sweeps.expire()).toBe(0);
    expect(await fixture.of('r1')).toEqual([
      expect.objectContaining({ status: 'cancelled', close_reason: 'expired', closed_by: 'system' }),
    ]);
    expect(await fixture.history(job.id)).toEqual([
      { action: 'requested', actor: 'system' },
      { action: 'expired', actor: 'system' },
    ]);
    expect(await fixture.application.count('jobs_event', `name = 'job.expired'`)).toBe(1);
    expect(await fixture.application.count('jobs_event', `name = 'job.cancelled'`)).toBe(0);
  });

  it('leave alone what is closed, and what has no expiry or a later one', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund('closed'), expiresIn: '1h' });
    await fixture.jobs.complete(job.id);
    await fixture.jobs.request(ReviewRefund, { target: refund('later'), expiresIn: '2h' });
    await fixture.jobs.request(ReviewRefund, { target: refund('never') });
    fixture.clock.offset = HOUR;
    expect(await fixture.sweeps.expire()).toBe(0);
  });

  it('tell once that a job is due, and again when it is due anew', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund('r1'), dueIn: '1h' });
    fixture.clock.offset = HOUR;
    expect(await fixture.sweeps.run()).toEqual({ ...nothing, due: 1 });
    expect(await fixture.sweeps.run()).toEqual(nothing);
    await fixture.jobs.setDue(job.id, new Date('2020-01-01'));
    expect(await fixture.sweeps.run()).toEqual({ ...nothing, due: 1 });
    expect(await fixture.application.count('jobs_event', `name = 'job.due'`)).toBe(2);
  });

  it('free jobs of claims that lapsed', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund('r1') });
    await fixture.jobs.claim(job.id, { by: 'user:1', lapsesIn: '1h' });
    fixture.clock.offset = HOUR;
    expect(await fixture.sweeps.run()).toEqual({ ...nothing, lapsed: 1 });
    expect((await fixture.jobs.find(job.id))?.claimedBy).toBeNull();
  });

  it('bring jobs back from their snooze', async () => {
    const { job } = await fixture.jobs.request(ReviewRefund, { target: refund('r1') });
    await fixture.jobs.snooze(job.id, '1h');
    fixture.clock.offset = HOUR;
    expect(await fixture.sweeps.run()).toEqual({ ...nothing, resumed: 1 });
    expect((await fixture.jobs.find(job.id))?.snoozedUntil).toBeNull();
  });

  it('forget what was remembered for too long', async () => {
    await fixture.jobs.ensureCompleted(ReviewRefund, { target: refund('r1') });
    await fixture.sweeps.run();
    expect(await fixture.application.count('jobs_job_remembered')).toBe(1);
    fixture.clock.offset = 31 * 24 * HOUR;
    await fixture.sweeps.run();
    expect(await fixture.application.count('jobs_job_remembered')).toBe(0);
  });

  it('complete jobs whose condition holds', async () => {
    await fixture.rows('create table if not exists verified (account text not null)');
    await fixture.rows(`insert into verified values ('a2')`);
    isDone = async (job, manager) =>
      (await manager.query('select from verified where account = $1', [job.targetId])).length > 0;
    await fixture.jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a1' } });
    await fixture.jobs.request(VerifyAccount, { target: { type: 'Account', id: 'a2' } });
    expect(await fixture.sweeps.run()).toEqual({ ...nothing, done: 1 });
    expect(await fixture.of('a1')).toEqual([expect.objectContaining({ status: 'pending' })]);
    expect(await fixture.of('a2')).toEqual([
      expect.objectContaining({ status: 'completed', close_reason: 'condition' }),
    ]);
  });

  it('ask about the other jobs although the condition of one fails, and say so', async () => {
    isDone = (job, manager) => (job.targetId === 'a1' ? manager.query('select 1 / 0') : true);
    for (const id of ['a1', 'a2']) await fixture.jobs.request(VerifyAccount, { target: { type: 'Account', id } });
    expect((await fixture.sweeps.run()).done).toBe(1);
    expect(asked).toEqual(['a1', 'a2']);
    expect(errors).toEqual([expect.objectContaining({ message: 'division by zero' })]);
  });

  it('ask about a bounded number of jobs at once, and about all of them in turn', async () => {
    await fixture.rows(
      `insert into jobs_job (type, target_type, target_id) select 'account.verify', 'Account', i::text from generate_series(1, 450) i`,
    );
    await fixture.sweeps.run();
    expect(asked).toHaveLength(200);
    await fixture.sweeps.run();
    await fixture.sweeps.run();
    expect(new Set(asked).size).toBe(450);
    await fixture.sweeps.run();
    expect(asked.slice(450)).toEqual(asked.slice(0, 200));
  });

  it('end after the batch they are at when they are told to', async () => {
    await fixture.rows(
      `insert into jobs_job (type, target_type, target_id, expires_at)
       select 'refund.review', 'Refund', i::text, now() from generate_series(1, 10) i`,
    );
    expect(await fixture.sweeps.expire({ signal: AbortSignal.abort() })).toBe(0);
  });

  it('leave all of a batch as it was when a part of it fails', async () => {
    await fixture.jobs.request(ReviewRefund, { target: refund('r1'), expiresIn: 0 });
    await fixture.rows(`alter table jobs_event add constraint full_disk check (name <> 'job.expired') not valid`);
    await expect(fixture.sweeps.expire()).rejects.toThrow('full_disk');
    await fixture.rows('alter table jobs_event drop constraint full_disk');
    expect(await fixture.of('r1')).toEqual([expect.objectContaining({ status: 'pending' })]);
    expect(await fixture.application.count('jobs_job_history', `action = 'expired'`)).toBe(0);
    expect(await fixture.sweeps.expire()).toBe(1);
  });

  it('of two processes expire a hundred thousand jobs, each once', async () => {
    const total = 100_000;
    const other = await TestApplication.start(fixture.database, {
      providers: [ReviewRefund],
      jobs: { worker: false },
      typeorm: { synchronize: false },
    });
    await fixture.rows(
      `insert into jobs_job (type, target_type, target_id, expires_at)
       select 'refund.review', 'Refund', i::text, now() - i * interval '1 millisecond' from generate_series(1, $1::int) i`,
      [total],
    );
    await fixture.rows('analyze jobs_job');
    const counts = await Promise.all([
      fixture.sweeps.expire(),
      other.context.get(JobSweeps, { strict: false }).expire(),
    ]);
    await other.close();
    expect(counts.every((count) => count > 0)).toBe(true);
    const rest = await fixture.sweeps.expire();
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(total);
    expect(
      await fixture.rows(
        `select (select count(*)::int4 from jobs_job where status = 'cancelled' and close_reason = 'expired' and version = 2) as jobs,
           (select count(distinct job_id)::int4 from jobs_job_history where action = 'expired') as history,
           (select count(*)::int4 from jobs_job_history) as rows,
           (select count(distinct payload ->> 'jobId')::int4 from jobs_event) as told, (select count(*)::int4 from jobs_event) as events`,
      ),
    ).toEqual([{ jobs: total, history: total, rows: total, told: total, events: total }]);
  }, 180_000);
});

describe('The schedule of the sweeps', () => {
  let database: TestDatabase;
  let application: TestApplication | undefined;

  beforeAll(async () => (database = await TestDatabase.create()));
  afterAll(() => database.drop());
  afterEach(async () => {
    await application?.close();
    application = undefined;
  });

  const start = async (
    sweep: JobsModuleOptions['sweep'],
    options: TestApplicationOptions = {},
    jobs: JobsModuleOptions = {},
  ): Promise<TestApplication> => {
    const providers = [ReviewRefund, ...(options.providers ?? [])];
    application = await TestApplication.start(database, { ...options, providers, jobs: { sweep, ...jobs } });
    await application.dataSource.query('truncate jobs_job');
    await application.dataSource.query(
      `insert into jobs_job (type, target_type, target_id, expires_at) values ('refund.review', 'Refund', 'r1', now())`,
    );
    return application;
  };
  const expired = (running: TestApplication): Promise<void> =>
    until(async () => (await running.count('jobs_job', `close_reason = 'expired'`)) === 1, 'the job has expired');

  it('runs them at an interval, without any ScheduleModule', async () => {
    await expired(await start({ every: 20 }));
  });

  it('runs them by a cron expression', async () => {
    await expired(await start({ cron: '* * * * * *', timeZone: 'Europe/Madrid' }));
  });

  it('runs none when told so, or in a process without a worker', async () => {
    const idle = await start(false, { imports: [ScheduleModule.forRoot()] });
    expect(idle.context.get(SchedulerRegistry, { strict: false }).getIntervals()).toEqual([]);
    await idle.close();
    const emitting = await start({ every: 20 }, { imports: [ScheduleModule.forRoot()] }, { worker: false });
    expect(emitting.context.get(SchedulerRegistry, { strict: false }).getIntervals()).toEqual([]);
  });

  it('stands in the registry of the application’s ScheduleModule, and runs none of its crons twice', async () => {
    const ticks = { cron: 0, interval: 0 };
    const ticked = new Signal();
    @Injectable()
    class Crons {
      @Cron('* * * * * *', { name: 'own cron' })
      cron(): void {
        ticks.cron += 1;
        ticked.give();
      }
      @Interval('own interval', 60_000)
      interval(): void {
        ticks.interval += 1;
      }
    }
    const running = await start({ every: 20 }, { imports: [ScheduleModule.forRoot()], providers: [Crons] });
    const registry = running.context.get(SchedulerRegistry, { strict: false });
    expect([...registry.getIntervals()].sort()).toEqual([SWEEP_NAME, 'own interval'].sort());
    expect([...registry.getCronJobs().keys()]).toEqual(['own cron']);
    await expired(running);
    await ticked.given;
    expect(ticks).toEqual({ cron: 1, interval: 0 });
  });

  it('can be stopped by the application through the registry', async () => {
    const running = await start({ cron: '0 0 1 1 *' }, { imports: [ScheduleModule.forRoot()] });
    const registry = running.context.get(SchedulerRegistry, { strict: false });
    expect(registry.getCronJob(SWEEP_NAME).isActive).toBe(true);
    registry.deleteCronJob(SWEEP_NAME);
    await expect(running.close()).resolves.toBeUndefined();
    application = undefined;
  });

  it('leaves the application’s EventEmitterModule alone', async () => {
    const heard: string[] = [];
    @Injectable()
    class Listener {
      @OnEvent('plain')
      on(text: string): void {
        heard.push(text);
      }
    }
    const running = await start(
      { every: 20 },
      { imports: [ScheduleModule.forRoot(), EventEmitterModule.forRoot()], providers: [Listener] },
    );
    await expired(running);
    running.context.get(EventEmitter2, { strict: false }).emit('plain', 'once');
    expect(heard).toEqual(['once']);
  });

  it('says what failed, and tries again', async () => {
    const errors: { error: unknown; activity: string }[] = [];
    const running = await start(
      { every: 20 },
      {},
      {
        onError: (error, { activity }) => errors.push({ error, activity }),
      },
    );
    await running.dataSource.query('alter table jobs_job rename column expires_at to gone');
    await until(() => errors.length > 0, 'a failure');
    await running.dataSource.query('alter table jobs_job rename column gone to expires_at');
    await expired(running);
    expect(errors[0]).toMatchObject({ activity: 'sweep' });
  });

  it('ends before the application does', async () => {
    const running = await start({ every: 10 });
    await expired(running);
    await running.close();
    application = undefined;
    expect(running.dataSource.isInitialized).toBe(false);
  });
});
