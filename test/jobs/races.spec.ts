import type { EntityManager } from 'typeorm';
import { JobConflictError } from '../../lib/errors/job-conflict.error.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import { JobStore } from '../../lib/jobs/store/job-store.port.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobChanges } from '../../lib/jobs/verbs/job-changes.js';
import { JobApplication } from '../support/job-application.js';
import { Signal } from '../support/signal.js';
import { until } from '../support/until.js';

@JobType('race.run', { outcomes: ['won'], skippable: true, candidates: ['role:runner'], early: 'ignore' })
class Run {}

@JobType('race.pay')
class Pay {}

const CLOSING = ['completed', 'cancelled', 'expired'];
const target = { type: 'Race', id: '1' };

describe('Jobs that several callers change at once', () => {
  let app: JobApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Run, Pay], typeorm: { poolSize: 60 } });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  /** Runs `work` while another transaction is open in which `first` was done; it ends when `work` is waiting, or done. */
  async function whileOpen<Result>(
    first: (manager: EntityManager) => Promise<unknown>,
    work: () => Promise<Result>,
    waiters = 1,
  ): Promise<Result> {
    const done = new Signal();
    const end = new Signal();
    const open = app.dataSource.transaction(async (manager) => {
      await first(manager);
      done.give();
      await end.given;
    });
    await done.given;
    let settled = false;
    const result = work().finally(() => (settled = true));
    result.catch(() => undefined);
    await until(async () => settled || (await waiting()) >= waiters);
    end.give();
    await open;
    return result;
  }

  async function waiting(): Promise<number> {
    const [row] = await app.rows<{ count: number }>(
      `select count(*)::int4 as count from pg_locks l join pg_database d on d.oid = l.database or l.database is null
       where not l.granted and d.datname = current_database()`,
    );
    return row!.count;
  }

  const expire = async (): Promise<number> => {
    const changes = app.application.context.get(JobChanges, { strict: false });
    const store = app.application.context.get(JobStore, { strict: false });
    return changes.ownTransaction(async ({ manager, connection }) => {
      const expired = await store.sweep(connection, 'expire', { closeReason: 'expired' }, 'system');
      await changes.facts.tell(manager, connection, 'expired', expired, 'system');
      return expired.length;
    });
  };

  describe('requests of one key', () => {
    it('make one job of a hundred, count them all, tell of it once and give all of them its id', async () => {
      const requests = await Promise.all(Array.from({ length: 100 }, () => jobs.request(Run, { target })));
      expect([
        new Set(requests.map(({ job }) => job.id)).size,
        requests.filter(({ created }) => created).length,
        await app.rows('select request_count, version from jobs_job'),
        await app.count('jobs_event'),
        await app.count('jobs_job_history'),
      ]).toEqual([1, 1, [{ request_count: 100, version: 100 }], 1, 100]);
    });

    it('make one job that ever was when half of them only ask for an open one', async () => {
      const requests = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          jobs.request(Run, { target, unique: index % 2 === 0 ? 'ever' : 'open' }),
        ),
      );
      expect([
        new Set(requests.map(({ job }) => job.id)).size,
        await app.count('jobs_job', 'request_count = 40'),
      ]).toEqual([1, 1]);
    });

    it('of tenants that differ make one job each', async () => {
      const requests = await Promise.all(
        Array.from({ length: 40 }, (_, index) => jobs.request(Run, { target, tenant: `t${index % 2}` })),
      );
      const pairs = new Set(requests.map(({ job }) => `${job.tenant} ${job.id}`));
      expect([pairs.size, new Set(requests.map(({ job }) => job.id)).size]).toEqual([2, 2]);
    });
  });

  describe('requestMany', () => {
    it('does not deadlock with one that names the same jobs in the opposite order', async () => {
      const requests = Array.from({ length: 20 }, (_, index) => ({
        type: Run,
        target: { type: 'Race', id: `${index}` },
      }));
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          jobs.requestMany<(typeof Run)[]>(index % 2 === 0 ? requests : [...requests].reverse()),
        ),
      );
      expect(await app.count('jobs_job', 'request_count = 10')).toBe(20);
    });

    it('answers in the order of its requests', async () => {
      const requested = await jobs.requestMany([
        { type: Run, target: { type: 'Race', id: 'z' } },
        { type: Pay, target: { type: 'Race', id: 'a' } },
      ]);
      expect(requested.map(({ job }) => [job.type, job.targetId])).toEqual([
        ['race.run', 'z'],
        ['race.pay', 'a'],
      ]);
    });
  });

  describe('claimNext', () => {
    async function requestRuns(count: number): Promise<void> {
      await jobs.requestMany<(typeof Run)[]>(
        Array.from({ length: count }, (_, index) => ({ type: Run, target: { type: 'Race', id: `${index}` } })),
      );
    }

    it('gives no job to two of fifty callers', async () => {
      await requestRuns(40);
      const claimed = await Promise.all(
        Array.from({ length: 50 }, (_, index) => jobs.claimNext({ by: `user:${index}`, as: ['role:runner'] })),
      );
      const ids = claimed.flatMap((job) => job?.id ?? []);
      expect([ids.length, new Set(ids).size, await app.count('jobs_event', `name = 'job.claimed'`)]).toEqual([
        40, 40, 40,
      ]);
    });

    it('gives each job whose claim lapsed to one of fifty callers', async () => {
      await requestRuns(40);
      await Promise.all(
        Array.from({ length: 40 }, () => jobs.claimNext({ by: 'user:gone', as: ['role:runner'], lapsesIn: '1h' })),
      );
      await app.rows(`update jobs_job set claim_expires_at = now() - interval '1 s'`);
      const claimed = await Promise.all(
        Array.from({ length: 50 }, (_, index) => jobs.claimNext({ by: `user:${index}`, as: ['role:runner'] })),
      );
      const ids = claimed.flatMap((job) => job?.id ?? []);
      expect([ids.length, new Set(ids).size]).toEqual([40, 40]);
    });

    it('gives callers who ask at once the most urgent jobs of all their pools, each to one', async () => {
      const others = ['user:a', 'user:b', 'user:c'] as const;
      for (const place of Array.from({ length: 60 }, (_, index) => index)) {
        const way = place % 5;
        await jobs.request(Run, {
          key: `${place}`,
          priority: place % 3,
          dueIn: `${1 + (place % 10)}h`,
          ...(way === 4 ? { assignee: 'role:crew' } : { candidates: [...others.slice(0, way), 'role:crew'] }),
        });
      }
      const urgency = await app.rows<{ id: string }>(
        'select id::text from jobs_job order by priority desc, due_at, jobs_job.id',
      );
      const as = ['role:runner', 'role:crew', 'role:nobody', ...others] as const;
      const rounds: (readonly string[])[] = [];
      for (const round of [0, 1, 2, 3]) {
        const claimed = await Promise.all(
          Array.from({ length: 20 }, (_, index) => jobs.claimNext({ by: `user:${round}-${index}`, as })),
        );
        rounds.push(claimed.flatMap((job) => job?.id ?? []));
      }
      const inOrder = (ids: readonly string[]): readonly string[] => [...ids].sort((a, b) => Number(a) - Number(b));
      expect(rounds.map(inOrder)).toEqual(
        [0, 20, 40, 60].map((from) => inOrder(urgency.slice(from, from + 20).map(({ id }) => id))),
      );
    });

    it('passes by a job that somebody is about to claim', async () => {
      await requestRuns(2);
      const [first, second] = await app.rows<{ id: string }>('select id from jobs_job order by id');
      const claimed = await whileOpen(
        (manager) => jobs.claim(first!.id, { by: 'user:1', manager }),
        () => jobs.claimNext({ by: 'user:2', as: ['role:runner'] }),
      );
      expect(claimed?.id).toBe(second!.id);
    });
  });

  const ENDS = {
    complete: (id: string, manager?: EntityManager) =>
      jobs.complete(id, { outcome: 'won', ...(manager && { manager }) }).then(({ changed }) => changed),
    cancel: (id: string, manager?: EntityManager) =>
      jobs.cancel(id, manager && { manager }).then(({ changed }) => changed),
    skip: (id: string, manager?: EntityManager) => jobs.skip(id, manager && { manager }).then(({ changed }) => changed),
    expire: () => expire(),
  } as const;
  type EndName = keyof typeof ENDS;
  const names = Object.keys(ENDS) as EndName[];
  const pairs = names.flatMap((one) => names.map((other) => [one, other] as const));

  /** How many jobs an end closed; it is refused when another end came first. */
  async function tried(end: Promise<number>): Promise<number> {
    try {
      return await end;
    } catch (error) {
      if (error instanceof JobConflictError) return 0;
      throw error;
    }
  }

  describe.each(pairs)('%s against %s', (one, other) => {
    it('is won by one of them, and is told once', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 8; index++) {
        const { job } = await jobs.request(Run, { target: { type: 'Race', id: `${index}` }, expiresIn: 0 });
        ids.push(job.id);
      }
      const counts = await Promise.all(
        ids.flatMap((id, index) => {
          const [first, second] = index % 2 === 0 ? [one, other] : [other, one];
          return [tried(ENDS[first](id)), tried(ENDS[second](id))];
        }),
      );
      const closings = `('${CLOSING.join("', '")}')`;
      expect([
        counts.reduce((sum, count) => sum + count, 0),
        await app.count('jobs_job', `status <> 'pending' and version = 2`),
        await app.count('jobs_job_history', `action in ${closings}`),
        await app.count('jobs_event', `substr(name, 5) in ${closings}`),
      ]).toEqual([8, 8, 8, 8]);
    });
  });

  it('a completion that waited for a cancellation is refused, and closes nothing', async () => {
    const { job } = await jobs.request(Run, { target });
    await expect(
      whileOpen(
        (manager) => jobs.cancel(job.id, { manager }),
        () => jobs.complete(job.id),
      ),
    ).rejects.toThrow(`Job ${job.id} is cancelled already and cannot be completed.`);
  });

  it('a change that waited for another one keeps what that one did', async () => {
    const { job } = await jobs.request(Run, { target, tags: ['a'] });
    await whileOpen(
      (manager) => jobs.tag(job.id, { add: ['b'] }, { manager }),
      () => jobs.tag(job.id, { add: ['c'] }),
    );
    expect(await jobs.find(job.id)).toMatchObject({ tags: ['a', 'b', 'c'], version: 3 });
  });

  describe.each([
    ['that remembers early events', Pay],
    ['that ignores early events', Run],
  ])('ensureCompleted of a type %s', (_, type) => {
    it('completes a job whose request was not committed yet', async () => {
      const { changed } = await whileOpen(
        (manager) => jobs.request(type, { target, manager }),
        () => jobs.ensureCompleted(type, { target }),
      );
      expect([
        changed,
        await app.count('jobs_job', `status = 'completed'`),
        await app.count('jobs_job_remembered'),
      ]).toEqual([1, 1, 0]);
    });

    it('is not missed by a request that came before its commit', async () => {
      const { job } = await whileOpen(
        (manager) => jobs.ensureCompleted(type, { target, manager }),
        () => jobs.request(type, { target }),
      );
      expect([job.status, await app.count('jobs_job_remembered')]).toEqual(['completed', 0]);
    });
  });

  it('a request that waited for the completion of the open job makes a new one', async () => {
    const first = await jobs.request(Run, { target });
    const second = await whileOpen(
      (manager) => jobs.complete(Run, { target, manager }),
      () => jobs.request(Run, { target }),
    );
    expect([second.created, second.job.id === first.job.id]).toEqual([true, false]);
  });

  it('a reopened job and a request of the same matter leave one of them pending', async () => {
    const { job } = await jobs.request(Run, { target });
    await jobs.complete(job.id);
    const again = await whileOpen(
      (manager) => jobs.reopen(job.id, { manager }),
      () => jobs.request(Run, { target }),
    );
    expect([again.created, again.job.id, await app.count('jobs_job', `status = 'pending'`)]).toEqual([
      false,
      job.id,
      1,
    ]);
  });

  it('a job that waited to be reopened while its matter was requested is refused', async () => {
    const { job } = await jobs.request(Run, { target });
    await jobs.complete(job.id);
    await expect(
      whileOpen(
        (manager) => jobs.request(Run, { target, manager }),
        () => jobs.reopen(job.id),
      ),
    ).rejects.toThrow('of its type, target and key is pending');
  });
});

describe('raise', () => {
  let app: JobApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Run, Pay], typeorm: { poolSize: 10 } });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  /** Opens a transaction in which `first` was done, runs `work`, and only then ends it. */
  async function duringTransaction<Result>(
    first: (manager: EntityManager) => Promise<unknown>,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await first(runner.manager);
      return await work();
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  const failingRequests = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const failure = app.dataSource.transaction(async () => {
          await jobs.raise(Run, { target, metadata: { error: 'boom' } });
          throw new Error('boom');
        });
        await expect(failure).rejects.toThrow('boom');
      }),
    );

  it('keeps its job when the transaction around it rolls back', async () => {
    await failingRequests(1);
    expect(await app.written()).toEqual({ jobs: 1, history: 1, events: 1 });
  });

  it('makes one job of fifty failing requests that hold every connection of the pool, and counts them all', async () => {
    await failingRequests(50);
    expect([await app.count('jobs_job', 'request_count = 50'), await app.count('jobs_event')]).toEqual([1, 1]);
  });

  it('does not queue fifty failing requests behind a transaction that holds the job', async () => {
    const { job } = await jobs.raise(Run, { target });
    const raised = await duringTransaction(
      (manager) => jobs.request(Run, { target, manager }),
      () => Promise.all(Array.from({ length: 50 }, () => jobs.raise(Run, { target }))),
    );
    expect([new Set(raised.map(({ job: { id } }) => id)), await app.count('jobs_job')]).toEqual([new Set([job.id]), 1]);
  });

  it('keeps one job when the transaction that requests the same is still open, and rolls back', async () => {
    const raised = await duringTransaction(
      (manager) => jobs.request(Run, { target, manager }),
      () => Promise.all(Array.from({ length: 50 }, () => jobs.raise(Run, { target }))),
    );
    expect([new Set(raised.map(({ job: { id } }) => id)).size, await app.count('jobs_job')]).toEqual([1, 1]);
  });

  it('does not count on a job that was closed, but makes a new one', async () => {
    const first = await jobs.raise(Run, { target });
    await jobs.complete(first.job.id);
    expect((await jobs.raise(Run, { target })).created).toBe(true);
  });

  it('makes a job each time when told to', async () => {
    await Promise.all(Array.from({ length: 5 }, () => jobs.raise(Run, { target, unique: 'none' })));
    expect(await app.count('jobs_job')).toBe(5);
  });

  it('is given no manager', async () => {
    const { manager } = app.dataSource;
    // @ts-expect-error a transaction to join
    await expect(jobs.raise(Run, { target, manager })).rejects.toThrow('raise: there is no option manager.');
  });
});
