import { randomBytes } from 'node:crypto';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { z } from 'zod';
import { JobConflictError } from '../../lib/errors/job-conflict.error.js';
import { UnknownJobTypeError } from '../../lib/errors/unknown-job-type.error.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import { Job } from '../../lib/jobs/model/job.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobApplication, NO_JOBS } from '../support/job-application.js';

const LONG_NAME = `a.${'b'.repeat(98)}`;
const refund = z.object({ amount: z.string().transform(Number), reason: z.string().default('unsaid') });
const verdict = z.object({ at: z.string().transform((day) => `${day}T00:00:00Z`) });

@JobType('refund.review', {
  version: 3,
  metadata: refund,
  result: verdict,
  outcomes: ['granted', 'refused'],
  candidates: ['role:support', 'role:support'],
  assignee: 'role:finance',
  dueIn: '1d',
  expiresIn: '30d',
  priority: 4,
  plan: 'refunds',
  step: 2,
})
class ReviewRefund {
  declare metadata: typeof refund;
  declare result: typeof verdict;
  declare outcome: 'granted' | 'refused';
}

@JobType('plain.do', { skippable: true })
class DoPlain {}

@JobType(LONG_NAME)
class DoLong {}

@JobType('nobody.provides')
class DoNowhere {}

class NotDecorated {}

const target = { type: 'Refund', id: 'r1' };
const DAY = 24 * 60 * 60 * 1_000;

describe('A verb of JobsService', () => {
  let app: JobApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    app = await JobApplication.start({
      imports: [TypeOrmModule.forFeature([Job])],
      providers: [ReviewRefund, DoPlain, DoLong],
    });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const plain = async (): Promise<string> => (await jobs.request(DoPlain, { target })).job.id;

  describe('request', () => {
    it('makes a pending job of what the type and the request say', async () => {
      const { job, created } = await jobs.request(ReviewRefund, { target, metadata: { amount: '12' }, by: 'user:1' });
      expect([created, job]).toMatchObject([
        true,
        {
          type: 'refund.review',
          typeVersion: 3,
          status: 'pending',
          closeReason: null,
          outcome: null,
          targetType: 'Refund',
          targetId: 'r1',
          key: '',
          tenant: '',
          assignee: 'role:finance',
          candidates: ['role:support'],
          priority: 4,
          plan: 'refunds',
          step: 2,
          metadata: { amount: 12, reason: 'unsaid' },
          result: null,
          tags: [],
          createdBy: 'user:1',
          requestCount: 1,
          closedAt: null,
          version: 1,
        },
      ]);
    });

    it('takes due and expiry from the type, counted from the moment of the request', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      const ahead = [job.dueAt, job.expiresAt].map((at) => at!.getTime() - job.createdAt.getTime());
      expect(ahead).toEqual([DAY, 30 * DAY]);
    });

    it('lets the request say otherwise', async () => {
      const at = new Date('2031-02-03T04:05:06.789Z');
      const { job } = await jobs.request(ReviewRefund, {
        target,
        metadata: { amount: '1' },
        assignee: null,
        candidates: [],
        dueAt: at,
        expiresIn: '1h',
        priority: -3,
        tags: ['b', 'a', 'b'],
      });
      expect([job, job.expiresAt!.getTime() - job.createdAt.getTime()]).toMatchObject([
        { assignee: null, candidates: [], dueAt: at, priority: -3, tags: ['b', 'a'] },
        DAY / 24,
      ]);
    });

    it('keeps nested metadata as it is, and {} without any', async () => {
      const metadata = { list: [1, { deep: null }], text: 'ü "quoted" \\', big: 2 ** 53 - 1, small: 1e-7 };
      const given = await jobs.request(DoPlain, { target, metadata });
      const none = await jobs.request(DoPlain, { target, key: 'none' });
      expect([given.job.metadata, none.job.metadata]).toEqual([metadata, {}]);
    });

    it('counts a repeat while one is pending, and keeps what it says', async () => {
      const first = await jobs.request(DoPlain, { target, metadata: { a: 1 }, dueIn: '1h', note: 'first' });
      const second = await jobs.request(DoPlain, { target, metadata: { a: 2, b: 2 }, dueIn: '2h', priority: 9 });
      expect(second).toMatchObject({
        created: false,
        job: { id: first.job.id, requestCount: 2, metadata: { a: 1 }, dueAt: first.job.dueAt, priority: 0, version: 2 },
      });
    });

    it('merges metadata of a repeat when told to', async () => {
      await jobs.request(DoPlain, { target, metadata: { a: 1, b: 1 } });
      const { job } = await jobs.request(DoPlain, { target, metadata: { b: 2, c: 2 }, onRepeat: 'merge' });
      expect(job.metadata).toEqual({ a: 1, b: 2, c: 2 });
    });

    it('moves times further off when told to, never nearer, and a job that never expires still never does', async () => {
      const first = await jobs.request(DoPlain, { target, dueIn: '2h' });
      const nearer = await jobs.request(DoPlain, { target, dueIn: '1h', expiresIn: '1h', onRepeat: 'extend' });
      const further = await jobs.request(DoPlain, { target, dueIn: '3h', onRepeat: 'extend' });
      expect([nearer.job.dueAt, nearer.job.expiresAt, further.job.dueAt! > first.job.dueAt!]).toEqual([
        first.job.dueAt,
        null,
        true,
      ]);
    });

    it('makes a new job once the one before is closed', async () => {
      const first = await plain();
      await jobs.complete(first);
      expect((await jobs.request(DoPlain, { target })).created).toBe(true);
    });

    it('makes a new job each time when told to', async () => {
      await Promise.all([1, 2, 3].map(() => jobs.request(DoPlain, { target, unique: 'none' })));
      expect(await app.count('jobs_job')).toBe(3);
    });

    it('makes one job for ever when told to, and counts on it while it is open', async () => {
      const first = await jobs.request(DoPlain, { target, unique: 'ever' });
      const open = await jobs.request(DoPlain, { target, unique: 'ever', metadata: { a: 1 }, onRepeat: 'merge' });
      await jobs.complete(first.job.id);
      const closed = await jobs.request(DoPlain, { target, unique: 'ever' });
      expect([open, closed]).toMatchObject([
        { created: false, job: { id: first.job.id, requestCount: 2, metadata: { a: 1 } } },
        { created: false, job: { id: first.job.id, requestCount: 2, status: 'completed' } },
      ]);
    });

    it('makes a job of its own for each tenant, type, target and key', async () => {
      const one = { type: 'Refund', id: 'r2' };
      const options = [{ target }, { target: one }, { target, key: 'k' }, { target, tenant: 'acme' }];
      for (const each of options) {
        await jobs.request(DoPlain, each);
        await jobs.request(DoLong, each);
      }
      expect(await app.count('jobs_job', 'request_count = 1')).toBe(8);
    });

    it('finds a job by target, tenant and key that are as long as can be', async () => {
      const text = (bytes: number): string => randomBytes(bytes).toString('hex').slice(0, bytes);
      const long = { target: { type: text(255), id: text(500) }, tenant: text(255), key: text(255) };
      const first = await jobs.request(DoPlain, long);
      expect((await jobs.request(DoPlain, long)).job.id).toBe(first.job.id);
    });

    it('takes a type whose name has a hundred characters', async () => {
      expect((await jobs.request(DoLong)).job.type).toBe(LONG_NAME);
    });

    it('gives a job that is found later as it was given first', async () => {
      const { job } = await jobs.request(ReviewRefund, {
        target,
        metadata: { amount: '1' },
        tags: ['x'],
        by: 'user:1',
      });
      expect(await jobs.find(job.id)).toEqual(job);
    });
  });

  describe('complete', () => {
    it('closes a job with outcome, result and metadata, each as the schema gives it', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      const { changed, jobs: closed } = await jobs.complete(ReviewRefund, {
        target,
        outcome: 'granted',
        result: { at: '2030-01-01' },
        metadata: { amount: 2 },
        by: 'user:2',
      });
      expect([changed, closed[0]]).toMatchObject([
        1,
        {
          id: job.id,
          status: 'completed',
          closeReason: 'done',
          outcome: 'granted',
          result: { at: '2030-01-01T00:00:00Z' },
          metadata: { amount: 2, reason: 'unsaid' },
          closedBy: 'user:2',
          closedAt: closed[0]!.updatedAt,
          version: 2,
        },
      ]);
    });

    it('takes any JSON for the result of a type without a schema', async () => {
      const results = [7, 'seven', [7], null];
      const kept: unknown[] = [];
      for (const result of results) kept.push((await jobs.complete(await plain(), { result })).jobs[0]?.result);
      expect(kept).toEqual(results);
    });

    it('closes all pending jobs of the type and target, or one of a key, and no others', async () => {
      for (const key of ['a', 'b', 'c']) await jobs.request(DoPlain, { target, key });
      await jobs.request(DoLong, { target });
      await jobs.request(DoPlain, { target, tenant: 'acme' });
      await jobs.request(DoPlain, { target: { type: 'Refund', id: 'r2' } });
      const one = await jobs.complete(DoPlain, { target, key: 'b' });
      const rest = await jobs.complete(DoPlain, { target });
      expect([one.changed, rest.changed, await app.count('jobs_job', `status = 'pending'`)]).toEqual([1, 2, 3]);
    });

    it('says 0 when there is nothing to complete, and writes nothing', async () => {
      const results = await Promise.all([
        jobs.complete(DoPlain, { target }),
        jobs.complete('123456'),
        jobs.complete('no-id'),
        jobs.complete('99999999999999999999'),
        jobs.cancel('123456'),
        jobs.skip('123456'),
        jobs.reopen('123456'),
        jobs.start('123456'),
      ]);
      expect([new Set(results.map(({ changed, jobs: none }) => changed + none.length)), await app.written()]).toEqual([
        new Set([0]),
        NO_JOBS,
      ]);
    });

    it.each([['granted'], [undefined]] as const)(
      'again, with outcome %s, changes nothing and says so',
      async (outcome) => {
        const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
        await jobs.complete(job.id, { outcome: 'granted' });
        const again = await jobs.complete(job.id, outcome === undefined ? {} : { outcome });
        expect([again, (await app.tracesOf(job.id)).facts]).toMatchObject([
          { changed: 0, jobs: [{ id: job.id, outcome: 'granted', version: 2 }] },
          ['job.requested', 'job.completed'],
        ]);
      },
    );

    it('with another outcome is a conflict that says how it ended', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      await jobs.complete(job.id, { outcome: 'granted' });
      await expect(jobs.complete(job.id, { outcome: 'refused' })).rejects.toThrow(
        `Job ${job.id} is completed with outcome "granted" already and cannot be completed with outcome "refused".`,
      );
    });

    it('of one that ended otherwise is a conflict, though no outcome was said', async () => {
      const id = await plain();
      await jobs.cancel(id);
      await expect(jobs.complete(id)).rejects.toThrow(`Job ${id} is cancelled already and cannot be completed.`);
    });

    it('of many jobs is part of the transaction, in the name of whoever completes them, and counts none twice', async () => {
      const [open, done] = [await plain(), (await jobs.request(DoLong)).job.id];
      await jobs.complete(done);
      const rolledBack = app.dataSource.transaction(async (manager) => {
        expect(await jobs.completeMany([done, open], { manager, by: 'user:5' })).toMatchObject({
          changed: 1,
          jobs: [{ id: open, closedBy: 'user:5' }],
        });
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      expect((await jobs.find(open))?.status).toBe('pending');
    });

    it('of many jobs completes each once', async () => {
      const ids = [await plain(), (await jobs.request(DoLong)).job.id];
      expect(await jobs.completeMany([...ids, ...ids, '123456'])).toMatchObject({ changed: 2 });
    });

    it('before the request makes the next one be born completed, with all that was said', async () => {
      await jobs.ensureCompleted(ReviewRefund, {
        target,
        outcome: 'granted',
        result: { at: '2030-01-01' },
        metadata: { reason: 'known' },
        by: 'user:5',
      });
      const { job, created } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      const next = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      expect([created, job, (await app.tracesOf(job.id)).facts, next.job.status]).toMatchObject([
        true,
        {
          status: 'completed',
          closeReason: 'done',
          outcome: 'granted',
          result: { at: '2030-01-01T00:00:00Z' },
          metadata: { amount: 1, reason: 'known' },
          closedBy: 'user:5',
        },
        ['job.completed'],
        'pending',
      ]);
    });

    it('of what was requested completes it, and leaves nothing for the next request', async () => {
      const id = await plain();
      const other = (await jobs.request(DoPlain, { target, key: 'b' })).job.id;
      expect(await jobs.ensureCompleted(DoPlain, { target, key: 'b' })).toMatchObject({
        changed: 1,
        jobs: [{ id: other, status: 'completed' }],
      });
      expect((await jobs.find(id))?.status).toBe('pending');
      expect(await jobs.ensureCompleted(DoPlain, { target })).toMatchObject({ changed: 1, jobs: [{ id }] });
      expect(await jobs.ensureCompleted(DoLong, { target })).toEqual({ changed: 0, jobs: [] });
      const again = [await jobs.request(DoPlain, { target }), await jobs.request(DoPlain, { target, key: 'b' })];
      expect(again.map(({ job }) => job.status)).toEqual(['pending', 'pending']);
    });

    it('before the request is about one key when it names one', async () => {
      await jobs.ensureCompleted(DoPlain, { target, key: 'a' });
      const b = await jobs.request(DoPlain, { target, key: 'b' });
      const a = await jobs.request(DoPlain, { target, key: 'a' });
      expect([b.job.status, a.job.status]).toEqual(['pending', 'completed']);
    });

    it('before the request of another tenant is not about it', async () => {
      await jobs.ensureCompleted(DoPlain, { target, tenant: 'acme' });
      expect((await jobs.request(DoPlain, { target })).job.status).toBe('pending');
    });
  });

  describe('reopen', () => {
    it('opens a closed job with its id and history, and forgets what was said to be done', async () => {
      const id = await plain();
      await jobs.complete(id, { result: 1 });
      await jobs.ensureCompleted(DoPlain, { target });
      const { jobs: opened } = await jobs.reopen(id, { note: 'not quite' });
      const { created, job } = await jobs.request(DoPlain, { target });
      expect([opened[0], created, job.status]).toMatchObject([
        { id, status: 'pending', closeReason: null, result: null, closedAt: null, closedBy: null },
        false,
        'pending',
      ]);
    });

    it('leaves a job open that is, and says so', async () => {
      const id = await plain();
      expect(await jobs.reopen(id)).toMatchObject({ changed: 0, jobs: [{ id, status: 'pending', version: 1 }] });
    });

    it('is refused while another job of the matter is pending, and the transaction goes on', async () => {
      const id = await plain();
      await jobs.complete(id);
      const other = await plain();
      await app.dataSource.transaction(async (manager) => {
        await expect(jobs.reopen(id, { manager })).rejects.toThrow(
          `Job ${id} cannot be reopened: job ${other} of its type, target and key is pending.`,
        );
        await jobs.cancel(other, { manager });
      });
      expect((await jobs.find(other))?.status).toBe('cancelled');
    });
  });

  it('ends a job for the reason the verb stands for', async () => {
    const reasons: unknown[] = [];
    for (const verb of ['cancel', 'skip', 'decline'] as const) {
      reasons.push((await jobs[verb](await plain())).jobs[0]?.closeReason);
    }
    expect(reasons).toEqual(['cancelled', 'skipped', 'declined']);
  });

  it('skips only jobs of types that may be skipped', async () => {
    const { job } = await jobs.request(DoLong);
    await expect(jobs.skip(job.id)).rejects.toThrow(
      'which may not be skipped; declare it skippable or cancel the job.',
    );
  });

  it('does not close a job before it was created, even in a transaction that began earlier', async () => {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('select 1');
    const id = await plain();
    const { jobs: closed } = await jobs.complete(id, { manager: runner.manager });
    await runner.commitTransaction();
    await runner.release();
    const [job] = closed;
    expect([job!.closedAt! >= job!.createdAt, job!.updatedAt >= job!.createdAt]).toEqual([true, true]);
  });

  it('changes updatedAt, and leaves createdAt and closedAt as they were', async () => {
    const id = await plain();
    await jobs.complete(id);
    const closed = await jobs.find(id);
    await jobs.comment(id, 'late');
    const commented = await jobs.find(id);
    expect([commented!.updatedAt > closed!.updatedAt, commented!.createdAt, commented!.closedAt]).toEqual([
      true,
      closed!.createdAt,
      closed!.closedAt,
    ]);
  });

  describe('history', () => {
    it('says who did what, when, from what to what and why', async () => {
      const id = await plain();
      await jobs.assign(id, 'user:7', { by: 'user:1', note: 'she knows' });
      const { entries } = await jobs.history(id);
      expect(entries[1]).toEqual({
        id: expect.any(String) as string,
        jobId: id,
        action: 'assigned',
        actor: 'user:1',
        at: expect.any(Date) as Date,
        before: { assignee: null },
        after: { assignee: 'user:7' },
        note: 'she knows',
      });
    });

    it('is read in pages', async () => {
      const id = await plain();
      for (let index = 0; index < 6; index++) await jobs.comment(id, String(index));
      const pages: unknown[] = [];
      let next: string | null = '0';
      while (next !== null) {
        const page = await jobs.history(id, { after: next, limit: 3 });
        pages.push(page.entries.map(({ note }) => note));
        ({ next } = page);
      }
      expect(pages).toEqual([[null, '0', '1'], ['2', '3', '4'], ['5']]);
    });

    it('of no job is empty', async () => {
      expect([await jobs.history('123456'), await jobs.history('no-id')]).toEqual([
        { entries: [], next: null },
        { entries: [], next: null },
      ]);
    });
  });

  describe('about a job whose type is no longer provided', () => {
    const orphan = async (): Promise<string> => {
      const id = await plain();
      await app.rows(`update jobs_job set type = 'long.gone'`);
      return id;
    };

    it('reads and completes it', async () => {
      const id = await orphan();
      const { changed } = await jobs.complete(id, { outcome: 'anything', result: { a: 1 } });
      expect([changed, await jobs.find(id)]).toMatchObject([1, { type: 'long.gone', outcome: 'anything' }]);
    });

    it('claims it, and finds it by its name', async () => {
      const id = await orphan();
      await jobs.transfer(id, ['role:a']);
      expect((await jobs.claimNext({ by: 'user:1', as: ['role:a'], types: ['long.gone'] }))?.id).toBe(id);
    });
  });

  it('reads jobs through the repository of Job', async () => {
    const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' }, tags: ['x'] });
    const repository: Repository<Job> = app.application.context.get(getRepositoryToken(Job), { strict: false });
    const found = await repository.findOneByOrFail({ targetId: 'r1', status: 'pending' });
    expect([found, found instanceof Job]).toMatchObject([Object.assign({}, job), true]);
  });

  describe('refuses', () => {
    const big = 'x'.repeat(65_536);
    type Refusal = readonly [what: string, call: () => Promise<unknown>, message: string];

    const at = (year: string): Date => new Date(`${year}-01-01`);
    const refusals: readonly Refusal[] = [
      [
        'a type that no module provides',
        () => jobs.request(DoNowhere),
        'nobody.provides is no job type of this application.',
      ],
      ['a class that is no type', () => jobs.request(NotDecorated), 'NotDecorated is no job type of this application.'],
      [
        'no type at all',
        () => jobs.request(undefined as never),
        'type: undefined is no job type; pass a class decorated with @JobType.',
      ],
      [
        'a misspelt option',
        () => jobs.request(DoPlain, { target, asignee: 'user:1' } as never),
        'request: there is no option asignee. Did you mean assignee?',
      ],
      [
        'an assignee that is no principal',
        () => jobs.request(DoPlain, { target, assignee: 'anna' as never }),
        'assignee: the text "anna" is not a principal; give a kind and an id such as user:7 or role:support.',
      ],
      [
        'a candidate that is no principal',
        () => jobs.request(DoPlain, { target, candidates: ['role:a', 7 as never] }),
        'candidates[1]: number is not a principal',
      ],
      [
        'candidates that are no list',
        () => jobs.request(DoPlain, { target, candidates: 'role:a' as never }),
        'request: option candidates must be a list of at most 100 principals',
      ],
      [
        'an actor that is no principal',
        () => jobs.cancel('1', { by: 'anna' as never }),
        'by: the text "anna" is not a principal',
      ],
      [
        'a priority outside its bounds',
        () => jobs.request(DoPlain, { target, priority: 101 }),
        'request: option priority must be an integer from -100 to 100, but is 101.',
      ],
      [
        'a priority that is no integer',
        () => jobs.setPriority('1', 1.5),
        'setPriority: option priority must be an integer from -100 to 100, but is 1.5.',
      ],
      [
        'a due time that is no date',
        () => jobs.request(DoPlain, { target, dueAt: '2030-01-01' as never }),
        'request: option dueAt must be a valid Date between the years 1 and 9999, but is the string "2030-01-01".',
      ],
      ['a date that is invalid', () => jobs.setDue('1', new Date('no')), 'setDue: option at must be a valid Date'],
      [
        'a date PostgreSQL cannot read',
        () => jobs.setExpiry('1', at('+012026')),
        'setExpiry: option at must be a valid Date between the years 1 and 9999',
      ],
      [
        'two due times',
        () => jobs.request(DoPlain, { target, dueAt: at('2030'), dueIn: '1h' }),
        'request: option dueAt must be left out when dueIn is given',
      ],
      [
        'a time that is too far off',
        () => jobs.request(DoPlain, { target, expiresIn: '101y' }),
        'request: option expiresIn must be a duration from 0 to 3153600000000 milliseconds',
      ],
      ['a duration that is none', () => jobs.snooze('1', 'soon'), 'snooze: option until'],
      [
        'another way of being unique',
        () => jobs.request(DoPlain, { target, unique: 'always' as never }),
        "request: option unique must be 'open' or 'ever' or 'none', but is the string \"always\".",
      ],
      [
        'another way to repeat',
        () => jobs.request(DoPlain, { target, onRepeat: 'replace' as never }),
        "option onRepeat must be 'keep' or 'merge' or 'extend'",
      ],
      [
        'a tag that is none',
        () => jobs.request(DoPlain, { target, tags: ['a', ''] }),
        'tags[1]: an empty string says nothing',
      ],
      ['tags that are no list', () => jobs.tag('1', { add: 'a' as never }), 'tags.add: string is not a list of tags'],
      [
        'a misspelt way to tag',
        () => jobs.tag('1', { ad: ['a'] } as never),
        'tag: there is no option tags.ad. Did you mean tags.add?',
      ],
      [
        'an empty key',
        () => jobs.request(DoPlain, { target, key: '' }),
        'key: must be a text of 1 to 255 characters or left out, but is a text of 0.',
      ],
      [
        'a key that is no text',
        () => jobs.complete(DoPlain, { target, key: 7 as never }),
        'key: must be a text of 1 to 255 characters or left out, but is number.',
      ],
      [
        'a key that cannot be stored',
        () => jobs.request(DoPlain, { target, key: 'a\0' }),
        'key: a text with \\u0000 or a lone surrogate cannot be stored; remove it',
      ],
      [
        'a target, tenant and key too long to be looked up',
        () =>
          jobs.request(DoPlain, {
            target: { type: 'Refund', id: '😀'.repeat(250) },
            tenant: '😀'.repeat(127),
            key: '😀'.repeat(127),
          }),
        'more than the 2000 allowed; use a shorter key, such as a hash.',
      ],
      [
        'a tenant that is none',
        () => jobs.request(DoPlain, { target, tenant: '' }),
        'tenant: an empty string says nothing',
      ],
      [
        'a note that is too long',
        () => jobs.cancel('1', { note: 'x'.repeat(10_001) }),
        'note: must be a text of at most 10000 characters, but is a text of 10001.',
      ],
      [
        'a note that cannot be stored',
        () => jobs.cancel('1', { note: '\ud800' }),
        'note: a text with \\u0000 or a lone surrogate cannot be stored',
      ],
      [
        'a comment that says nothing',
        () => jobs.comment('1', '  '),
        'comment: option text must be a text of 1 to 10000 characters',
      ],
      [
        'a wait for nothing',
        () => jobs.wait('1', ''),
        'wait: option on must be a text of 1 to 1000 characters, but is an empty string.',
      ],
      [
        'a transfer to nobody',
        () => jobs.transfer('1', []),
        'transfer: option candidates must be a list of at least one principal, or nobody could take the job',
      ],
      [
        'metadata that is no object',
        () => jobs.request(DoPlain, { target, metadata: [1] as never }),
        'metadata: must be an object, but is array.',
      ],
      [
        'metadata that is not JSON',
        () => jobs.request(DoPlain, { target, metadata: { at: new Date(0) } }),
        'metadata.at: Date is not JSON; send an ISO string',
      ],
      [
        'metadata that the schema refuses',
        () => jobs.request(ReviewRefund, { target, metadata: { amount: 7 as never } }),
        'metadata.amount: Invalid input: expected string, received number',
      ],
      [
        'metadata that the schema misses',
        () => jobs.request(ReviewRefund, { target } as never),
        'metadata.amount: Invalid input',
      ],
      [
        'metadata that is too large',
        () => jobs.request(DoPlain, { target, metadata: { big } }),
        'metadata: has 65546 bytes of JSON, more than the 65536 allowed; send an id instead',
      ],
      ['a claim by nobody', () => jobs.claim('1', {} as never), 'by: undefined is not a principal'],
      ['a job that is none', () => jobs.complete(7 as never), 'job: number is no job; pass a job, or its id as text.'],
      ['a subject beside an id', () => jobs.complete('1', { target } as never), 'complete: there is no option target.'],
      [
        'a page of history that is too long',
        () => jobs.history('1', { limit: 1_001 }),
        'history: option limit must be an integer from 1 to 1000, but is 1001.',
      ],
      [
        'a page of history that is none',
        () => jobs.history('1', { after: 'x' }),
        'history: option after must be what a page gave as next',
      ],
      [
        'a misspelt option of claimNext',
        () => jobs.claimNext({ by: 'user:1', type: [] } as never),
        'claimNext: there is no option type. Did you mean types?',
      ],
      [
        'a misspelt option of requestMany',
        () => jobs.requestMany([{ type: DoPlain, target, dueAfter: 1 } as never]),
        'requestMany[0]: there is no option dueAfter.',
      ],
    ];

    it.each(refusals)('%s, and writes nothing', async (_, call, message) => {
      const refused: unknown = await call().then(
        () => 'nothing',
        (error: unknown) => error,
      );
      expect([refused, await app.written()]).toMatchObject([
        { message: expect.stringContaining(message) as string },
        NO_JOBS,
      ]);
    });

    it.each([
      ['start', (id: string, options: never) => jobs.start(id, options)],
      ['snooze', (id: string, options: never) => jobs.snooze(id, '1h', options)],
      ['wait', (id: string, options: never) => jobs.wait(id, 'it', options)],
      ['resume', (id: string, options: never) => jobs.resume(id, options)],
      ['setDue', (id: string, options: never) => jobs.setDue(id, null, options)],
      ['setExpiry', (id: string, options: never) => jobs.setExpiry(id, null, options)],
      ['setPriority', (id: string, options: never) => jobs.setPriority(id, 1, options)],
      ['tag', (id: string, options: never) => jobs.tag(id, {}, options)],
      ['comment', (id: string, options: never) => jobs.comment(id, 'hm', options)],
      ['claim', (id: string, options: never) => jobs.claim(id, options)],
      ['claimNext', (_: string, options: never) => jobs.claimNext(options)],
      ['release', (id: string, options: never) => jobs.release(id, options)],
      ['assign', (id: string, options: never) => jobs.assign(id, 'user:1', options)],
      ['transfer', (id: string, options: never) => jobs.transfer(id, ['user:1'], options)],
      ['cancel', (id: string, options: never) => jobs.cancel(id, options)],
      ['skip', (id: string, options: never) => jobs.skip(id, options)],
      ['decline', (id: string, options: never) => jobs.decline(id, options)],
      ['reopen', (id: string, options: never) => jobs.reopen(id, options)],
      ['complete', (id: string, options: never) => jobs.complete(id, options)],
      ['ensureCompleted', (_: string, options: never) => jobs.ensureCompleted(DoPlain, options)],
      ['find', (id: string, options: never) => jobs.find(id, options)],
      ['findPending', (_: string, options: never) => jobs.findPending(DoPlain, options)],
      ['history', (id: string, options: never) => jobs.history(id, options)],
      ['raise', (_: string, options: never) => jobs.raise(DoPlain, options)],
    ])('an option that %s does not have, and suggests the one it has', async (verb, call) => {
      const suggestion = verb === 'raise' ? '' : ' Did you mean manager?';
      await expect(call('1', { manger: app.dataSource.manager } as never)).rejects.toThrow(
        `${verb}: there is no option manger.${suggestion}`,
      );
    });

    it('an outcome the type does not have', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      await expect(jobs.complete(job.id, { outcome: 'maybe' })).rejects.toThrow(
        'outcome: "maybe" is no outcome of refund.review; it declares granted, refused.',
      );
    });

    it('a result that the schema refuses', async () => {
      const { job } = await jobs.request(ReviewRefund, { target, metadata: { amount: '1' } });
      await expect(jobs.complete(job.id, { result: { at: 7 } })).rejects.toThrow('result.at: Invalid input');
    });

    it.each([
      ['a repeat', (half: string) => jobs.request(DoPlain, { target, metadata: { other: half }, onRepeat: 'merge' })],
      ['a completion', (half: string) => jobs.complete(DoPlain, { target, metadata: { other: half } })],
      ['a raise', (half: string) => jobs.raise(DoPlain, { target, metadata: { other: half }, onRepeat: 'merge' })],
    ])('metadata that becomes too large by merging %s', async (_, merge) => {
      await jobs.request(DoPlain, { target, metadata: { one: 'x'.repeat(40_000) } });
      await expect(merge('x'.repeat(30_000))).rejects.toThrow(
        'metadata: the job would have more than the 65536 bytes of JSON allowed; keep an id instead.',
      );
    });

    it('metadata that fits as it is sent, but not as PostgreSQL writes it', async () => {
      const metadata = { list: Array.from({ length: 32_000 }, () => 1) };
      await expect(jobs.request(DoPlain, { target, metadata })).rejects.toThrow(
        'metadata: the job would have more than',
      );
    });

    it('more tags than a job may have', async () => {
      const id = await plain();
      const tags = Array.from({ length: 20 }, (_, index) => `t${index}`);
      await jobs.tag(id, { add: tags });
      await expect(jobs.tag(id, { add: tags.map((tag) => `more-${tag}`) })).rejects.toThrow(
        'tags: the job would have more than the 32 tags allowed; remove some first.',
      );
    });

    it('by errors of their own classes', async () => {
      await expect(jobs.request(DoNowhere)).rejects.toThrow(UnknownJobTypeError);
      const id = await plain();
      await jobs.cancel(id);
      await expect(jobs.complete(id)).rejects.toThrow(JobConflictError);
    });
  });
});

describe('@JobType', () => {
  it.each([
    ['a name with capitals', 'Refund.Review', {}, '@JobType: "Refund.Review" is not the name of a job type'],
    ['a name of 101 characters', 'a'.repeat(101), {}, 'at most 100 characters'],
    ['no name', undefined, {}, '@JobType: undefined is not the name of a job type'],
    [
      'a misspelt option',
      'a.b',
      { expiresIm: '1d' },
      "@JobType('a.b'): there is no option expiresIm. Did you mean expiresIn?",
    ],
    ['a schema that is none', 'a.b', { metadata: {} }, "@JobType('a.b'): option metadata must be a Standard Schema"],
    [
      'a target that is no class',
      'a.b',
      { target: 'Account' },
      "@JobType('a.b'): option target must be an entity class",
    ],
    [
      'an empty outcome',
      'a.b',
      { outcomes: [''] },
      "@JobType('a.b'): option outcomes[0] must be a text of 1 to 255 characters",
    ],
    ['an assignee that is no principal', 'a.b', { assignee: 'anna' }, 'assignee: the text "anna" is not a principal'],
    ['a version that is none', 'a.b', { version: 0 }, 'option version must be an integer from 1 to 32767, but is 0.'],
    ['a step that is none', 'a.b', { step: -1 }, 'option step must be an integer from 0 to 32767'],
    ['a priority that is none', 'a.b', { priority: 1_000 }, 'option priority must be an integer from -100 to 100'],
  ])('refuses %s', (_, name, options, message) => {
    expect(() => JobType(name as never, options as never)(class {})).toThrow(message);
  });

  it('refuses two classes of one name when the application starts', async () => {
    @JobType('plain.do')
    class Other {}
    await expect(JobApplication.start({ providers: [DoPlain, Other] })).rejects.toThrow(
      'Two classes declare the job type "plain.do": DoPlain and Other. Rename one of them.',
    );
  });
});
