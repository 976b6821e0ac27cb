import type { DataSource, EntityManager } from 'typeorm';
import { ForeignManagerError } from '../../lib/errors/foreign-manager.error.js';
import { TransactionRequiredError } from '../../lib/errors/transaction-required.error.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { Job } from '../../lib/jobs/model/job.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import type { ChangeOptions } from '../../lib/jobs/verbs/job-options.interface.js';
import { JobApplication, NO_JOBS } from '../support/job-application.js';

@JobType('letter.answer', { outcomes: ['sent'], skippable: true, candidates: ['role:clerk'] })
class AnswerLetter {}

const target = { type: 'Letter', id: '1' };

type Verb = (job: Job, options: ChangeOptions) => Promise<unknown>;

describe('The transaction a verb of JobsService joins', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let resolved: EntityManager | undefined;

  beforeAll(async () => {
    app = await JobApplication.start({
      providers: [AnswerLetter],
      typeorm: { poolSize: 5 },
      jobs: { transactionManager: () => resolved },
    });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    resolved = undefined;
    await app.clear();
  });

  async function rolledBack(work: (manager: EntityManager) => Promise<unknown>): Promise<void> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await work(runner.manager);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  /** Each verb with the action it leaves in the history, done to a job that is claimed, snoozed and waiting. */
  const VERBS: Readonly<Record<string, Verb>> = {
    repeated: (_, options) => jobs.request(AnswerLetter, { target, ...options }),
    completed: ({ id }, options) => jobs.complete(id, { outcome: 'sent', ...options }),
    cancelled: ({ id }, options) => jobs.cancel(id, options),
    claimed: ({ id }, { manager }) => jobs.claim(id, { by: 'user:1', ...(manager && { manager }) }),
    released: ({ id }, options) => jobs.release(id, options),
    assigned: ({ id }, options) => jobs.assign(id, 'user:2', options),
    transferred: ({ id }, options) => jobs.transfer(id, ['role:boss'], options),
    started: ({ id }, options) => jobs.start(id, options),
    snoozed: ({ id }, options) => jobs.snooze(id, '1h', options),
    waiting: ({ id }, options) => jobs.wait(id, 'the stamps', options),
    resumed: ({ id }, options) => jobs.resume(id, options),
    rescheduled: ({ id }, options) => jobs.setDue(id, new Date('2030-01-01'), options),
    prioritised: ({ id }, options) => jobs.setPriority(id, 7, options),
    tagged: ({ id }, options) => jobs.tag(id, { add: ['red'] }, options),
    commented: ({ id }, { manager }) => jobs.comment(id, 'hm', manager && { manager }),
  };

  /** Those that take no note, and what they leave instead. */
  const BARE = new Map([
    ['claimed', { actor: 'user:1', note: null }],
    ['commented', { actor: 'system', note: 'hm' }],
  ]);

  async function ready(): Promise<Job> {
    const { job } = await jobs.request(AnswerLetter, { target });
    await jobs.claim(job.id, { by: 'user:1' });
    await jobs.snooze(job.id, '1h');
    await jobs.wait(job.id, 'paper');
    return job;
  }

  describe.each(Object.entries(VERBS))('of a change that is %s', (action, verb) => {
    it('holds the job, its history and its fact, and none of them after a rollback', async () => {
      const job = await ready();
      const before = [await jobs.find(job.id), await app.written()];
      await rolledBack((manager) => verb(job, { manager }));
      expect([await jobs.find(job.id), await app.written()]).toEqual(before);
    });

    it('leaves one row of history that says who, and one fact', async () => {
      const job = await ready();
      const { history, facts } = await app.tracesOf(job.id);
      await verb(job, BARE.has(action) ? {} : { by: 'user:1', note: 'because' });
      const [last] = await app.rows('select actor, note from jobs_job_history order by id desc limit 1');
      expect([await app.tracesOf(job.id), last]).toEqual([
        { history: [...history, action], facts: action === 'repeated' ? facts : [...facts, `job.${action}`] },
        BARE.get(action) ?? { actor: 'user:1', note: 'because' },
      ]);
    });
  });

  it('of a request holds the job, its history and its fact, and none of them after a rollback', async () => {
    await rolledBack((manager) => jobs.request(AnswerLetter, { target, manager }));
    expect(await app.written()).toEqual(NO_JOBS);
  });

  it('of ensureCompleted holds what is remembered', async () => {
    await rolledBack((manager) => jobs.ensureCompleted(AnswerLetter, { target, manager }));
    expect((await jobs.request(AnswerLetter, { target })).job.status).toBe('pending');
  });

  it('of claimNext gives the job back after a rollback', async () => {
    const { job } = await jobs.request(AnswerLetter, { target });
    await rolledBack((manager) => jobs.claimNext({ by: 'user:1', as: ['role:clerk'], manager }));
    expect((await jobs.claimNext({ by: 'user:2', as: ['role:clerk'] }))?.id).toBe(job.id);
  });

  it('is its own when there is none to join, and leaves nothing of a requestMany that fails', async () => {
    await app.rows(
      `create or replace function refuse() returns trigger as $$ begin raise 'full'; end $$ language plpgsql`,
    );
    await app.rows(
      `create trigger refuse before insert on jobs_event for each row when (new.payload ->> 'targetId' = '2') execute function refuse()`,
    );
    const requests = ['1', '2'].map((id) => ({ type: AnswerLetter, target: { type: 'Letter', id } }));
    await expect(jobs.requestMany<(typeof AnswerLetter)[]>(requests)).rejects.toThrow('full');
    await app.rows('drop trigger refuse on jobs_event');
    expect(await app.written()).toEqual(NO_JOBS);
  });

  it('is the one the resolver finds', async () => {
    await rolledBack((manager) => {
      resolved = manager;
      return jobs.request(AnswerLetter, { target });
    });
    expect(await app.written()).toEqual(NO_JOBS);
  });

  it('is one that was begun by hand', async () => {
    const runner = app.dataSource.createQueryRunner();
    await runner.query('begin');
    await jobs.request(AnswerLetter, { target, manager: runner.manager });
    await runner.query('rollback');
    await runner.release();
    expect(await app.written()).toEqual(NO_JOBS);
  });

  it('shows a reader what was changed in it', async () => {
    await rolledBack(async (manager) => {
      const { job } = await jobs.request(AnswerLetter, { target, manager });
      expect([
        await jobs.find(job.id, { manager }),
        await jobs.findPending(AnswerLetter, { target, manager }),
        await jobs.find(job.id),
      ]).toMatchObject([{ id: job.id }, [{ id: job.id }], null]);
    });
  });

  describe('of a savepoint', () => {
    it('leaves nothing of what was done in it when it is rolled back to', async () => {
      await app.dataSource.transaction(async (manager) => {
        await jobs.request(AnswerLetter, { target, manager });
        const nested = manager.transaction(async (inner) => {
          await jobs.complete(AnswerLetter, { target, manager: inner });
          throw new Error('back to the savepoint');
        });
        await expect(nested).rejects.toThrow('back to the savepoint');
      });
      expect([await app.count('jobs_job', `status = 'pending'`), await app.written()]).toEqual([
        1,
        { jobs: 1, history: 1, events: 1 },
      ]);
    });
  });

  describe('that is REPEATABLE READ', () => {
    const repeatable = <Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> =>
      app.dataSource.transaction('REPEATABLE READ', work);

    it('takes every verb', async () => {
      await repeatable(async (manager) => {
        const { job } = await jobs.request(AnswerLetter, { target, manager });
        await jobs.claim(job.id, { by: 'user:1', manager });
        await jobs.complete(job.id, { outcome: 'sent', manager });
        await jobs.reopen(job.id, { manager });
        await jobs.cancel(AnswerLetter, { target, manager });
      });
      expect(await app.written()).toEqual({ jobs: 1, history: 5, events: 5 });
    });

    it('is told to begin again when the job changed since it began, and leaves nothing', async () => {
      const { job } = await jobs.request(AnswerLetter, { target });
      const late = repeatable(async (manager) => {
        await manager.query('select 1');
        await jobs.complete(job.id, { outcome: 'sent' });
        await jobs.cancel(job.id, { manager });
      });
      await expect(late).rejects.toMatchObject({ code: '40001' });
      expect(await app.tracesOf(job.id)).toEqual({
        history: ['requested', 'completed'],
        facts: ['job.requested', 'job.completed'],
      });
    });

    it('is told to begin again when the same was requested since it began', async () => {
      const late = repeatable(async (manager) => {
        await manager.query('select count(*) from jobs_job');
        await jobs.request(AnswerLetter, { target });
        await jobs.request(AnswerLetter, { target, manager });
      });
      await expect(late).rejects.toMatchObject({ code: '40001' });
    });
  });

  describe('cannot be', () => {
    let other: DataSource;

    beforeAll(async () => {
      other = await app.otherDataSource();
    });
    afterAll(() => other.destroy());

    it('that of another data source', async () => {
      const foreign = other.transaction((manager) => jobs.request(AnswerLetter, { target, manager }));
      await expect(foreign).rejects.toThrow(ForeignManagerError);
      expect(await app.written()).toEqual(NO_JOBS);
    });

    it('a query runner', async () => {
      const manager = app.dataSource.createQueryRunner() as never;
      await expect(jobs.request(AnswerLetter, { target, manager })).rejects.toThrow(
        'request: option manager must be an EntityManager',
      );
    });

    it('a manager in place of the options', async () => {
      const { manager } = app.dataSource;
      await expect(jobs.request(AnswerLetter, manager as never)).rejects.toThrow(
        'must be an object such as { manager }, not the manager itself',
      );
    });
  });
});

describe('JobsService with requireTransaction', () => {
  let app: JobApplication;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [AnswerLetter], jobs: { requireTransaction: true } });
  });
  afterAll(() => app.close());

  it('refuses a change outside a transaction', async () => {
    await expect(app.jobs.request(AnswerLetter, { target })).rejects.toThrow(TransactionRequiredError);
  });

  it('raises a job all the same', async () => {
    expect((await app.jobs.raise(AnswerLetter, { target })).created).toBe(true);
  });

  it('reads all the same', async () => {
    expect(await app.jobs.find('1234567')).toBeNull();
  });
});
