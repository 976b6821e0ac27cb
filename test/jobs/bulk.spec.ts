import { Injectable, Module } from '@nestjs/common';
import { JobForbiddenError } from '../../lib/errors/job-forbidden.error.js';
import { JobNotFoundError } from '../../lib/errors/job-not-found.error.js';
import type { BulkProgress, JobOperation } from '../../lib/jobs/bulk/bulk-options.interface.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { JobActor } from '../../lib/jobs/policy/job-actor.js';
import { JOB_POLICY, type JobPolicy, type JobVerb, type PolicyJob } from '../../lib/jobs/policy/job-policy.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../support/job-application.js';

@JobType('phone.call', { outcomes: ['reached'], skippable: true, candidates: ['role:support'] })
class Call {}

@JobType('refund.review', { outcomes: ['granted'] })
class ReviewRefund {}

@Injectable()
class GivenPolicy implements JobPolicy {
  allow: (verb: JobVerb, job: PolicyJob) => boolean = () => true;

  can(_actor: JobActor, verb: JobVerb, job: PolicyJob): boolean {
    return this.allow(verb, job);
  }
}

@Module({ providers: [GivenPolicy, { provide: JOB_POLICY, useExisting: GivenPolicy }] })
class PolicyModule {}

const anna: JobActor = { id: 'user:anna' };

describe('A bulk operation', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let policy: GivenPolicy;

  beforeAll(async () => {
    app = await JobApplication.start({ imports: [PolicyModule], providers: [Call, ReviewRefund] });
    ({ jobs } = app);
    policy = app.application.context.get(GivenPolicy, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    policy.allow = () => true;
    await app.clear();
  });

  async function calls(count: number, type: typeof Call | typeof ReviewRefund = Call): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { job } = await jobs.request(type, { key: String(index) });
      ids.push(job.id);
    }
    return ids;
  }

  const statuses = async (): Promise<string[]> =>
    (await app.rows<{ status: string }>('select status from jobs_job order by id')).map(({ status }) => status);

  it('does one thing with all jobs of a list, each with its history and its fact', async () => {
    const ids = await calls(2);
    const result = await jobs.bulk({ verb: 'complete', outcome: 'reached' }, ids, {
      by: 'user:boss',
      note: 'all done',
    });
    const history = await app.rows(`select actor, note from jobs_job_history where action = 'completed'`);
    expect([result, history, await app.tracesOf(ids[1]!)]).toEqual([
      { done: 2, changed: 2, failures: [], capped: false, dryRun: false },
      [
        { actor: 'user:boss', note: 'all done' },
        { actor: 'user:boss', note: 'all done' },
      ],
      { history: ['requested', 'completed'], facts: ['job.requested', 'job.completed'] },
    ]);
  });

  it('tells each error with its job and goes on with the others', async () => {
    const [first, second] = await calls(2);
    const [refund] = await calls(1, ReviewRefund);
    const { failures, changed, done } = await jobs.bulk({ verb: 'complete', outcome: 'reached' }, [
      refund!,
      first!,
      '999999',
      'no id',
      second!,
    ]);
    expect([changed, done, failures.map(({ id, error }) => [id, error.message])]).toEqual([
      2,
      5,
      [
        [refund, 'outcome: "reached" is no outcome of refund.review; it declares granted.'],
        ['999999', new JobNotFoundError('999999').message],
        ['"no id"', new JobNotFoundError('"no id"').message],
      ],
    ]);
  });

  it('counts what was as it should be already as unchanged', async () => {
    const ids = await calls(2);
    await jobs.cancel(ids[0]!);
    expect(await jobs.bulk({ verb: 'cancel' }, [...ids, ids[1]!])).toMatchObject({ done: 2, changed: 1, failures: [] });
  });

  it('does it with all jobs that meet a filter', async () => {
    await calls(3);
    await calls(2, ReviewRefund);
    const result = await jobs.bulk({ verb: 'cancel' }, { types: Call, status: 'pending' });
    expect([result.changed, await statuses()]).toEqual([
      3,
      ['cancelled', 'cancelled', 'cancelled', 'pending', 'pending'],
    ]);
  });

  it('ends at its limit and says that there are more', async () => {
    await calls(3);
    const result = await jobs.bulk({ verb: 'cancel' }, { status: 'pending' }, { limit: 2 });
    expect([result, await statuses()]).toEqual([
      { done: 2, changed: 2, failures: [], capped: true, dryRun: false },
      ['cancelled', 'cancelled', 'pending'],
    ]);
  });

  it('leaves a job alone that does not meet the filter any more when its turn comes', async () => {
    const ids = await calls(3);
    const onProgress = async ({ done }: BulkProgress): Promise<void> => {
      if (done === 1) await jobs.assign(ids[1]!, 'user:quick');
    };
    const result = await jobs.bulk({ verb: 'assign', assignee: 'user:slow' }, { unassigned: true }, { onProgress });
    const assignees = await app.rows<{ assignee: string }>('select assignee from jobs_job order by id');
    expect([result.changed, assignees.map(({ assignee }) => assignee)]).toEqual([
      2,
      ['user:slow', 'user:quick', 'user:slow'],
    ]);
  });

  it('tried out says what would come of it, and leaves everything as it was', async () => {
    await calls(2);
    await calls(1, ReviewRefund);
    const before = await app.written();
    const result = await jobs.bulk({ verb: 'complete', outcome: 'reached' }, { status: 'pending' }, { dryRun: true });
    expect([result, await app.written(), await statuses()]).toMatchObject([
      {
        done: 3,
        changed: 2,
        failures: [{ error: { message: expect.stringContaining('is no outcome') as string } }],
        dryRun: true,
      },
      before,
      ['pending', 'pending', 'pending'],
    ]);
  });

  it('tells how far it is after each job, and waits for whoever listens', async () => {
    const ids = await calls(2);
    const told: BulkProgress[] = [];
    await jobs.bulk({ verb: 'complete', outcome: 'wrong' }, [ids[0]!], {
      onProgress: (progress) => void told.push(progress),
    });
    await jobs.bulk({ verb: 'cancel' }, ids, { onProgress: (progress) => void told.push(progress) });
    expect(told).toEqual([
      { done: 1, total: 1, changed: 0, failed: 1 },
      { done: 1, total: 2, changed: 1, failed: 0 },
      { done: 2, total: 2, changed: 2, failed: 0 },
    ]);
  });

  it('keeps what was done when it is ended on the way', async () => {
    await calls(3);
    const ending = new AbortController();
    const bulk = jobs.bulk(
      { verb: 'cancel' },
      { status: 'pending' },
      {
        signal: ending.signal,
        onProgress: () => {
          ending.abort(new Error('enough'));
        },
      },
    );
    await expect(bulk).rejects.toThrow('enough');
    expect(await statuses()).toEqual(['cancelled', 'pending', 'pending']);
  });

  const EACH: readonly (readonly [JobOperation, string])[] = [
    [{ verb: 'complete', outcome: 'reached', result: 1, metadata: { a: 1 } }, 'completed'],
    [{ verb: 'cancel' }, 'cancelled'],
    [{ verb: 'skip' }, 'cancelled'],
    [{ verb: 'decline' }, 'cancelled'],
    [{ verb: 'release' }, 'released'],
    [{ verb: 'claim', lapsesIn: '1h' }, 'claimed'],
    [{ verb: 'assign', assignee: 'user:carl' }, 'assigned'],
    [{ verb: 'unassign' }, 'assigned'],
    [{ verb: 'transfer', candidates: ['role:finance'] }, 'transferred'],
    [{ verb: 'start' }, 'started'],
    [{ verb: 'snooze', until: '1h' }, 'snoozed'],
    [{ verb: 'wait', on: 'rain' }, 'waiting'],
    [{ verb: 'resume' }, 'resumed'],
    [{ verb: 'setDue', at: new Date('2030-01-01') }, 'rescheduled'],
    [{ verb: 'setExpiry', at: null }, 'rescheduled'],
    [{ verb: 'setPriority', priority: 5 }, 'prioritised'],
    [{ verb: 'tag', add: ['red'] }, 'tagged'],
    [{ verb: 'comment', text: 'hm' }, 'commented'],
  ];

  it.each(EACH)('of $verb does it in the name of an actor', async (operation, action) => {
    const [id] = await calls(1);
    await jobs.assign(id!, 'user:bert');
    await jobs.claim(id!, { by: 'user:anna' });
    await jobs.wait(id!, 'sun');
    const result = await jobs.as(anna).bulk(operation, [id!], { note: 'because' });
    const [last] = await app.rows('select action, actor from jobs_job_history order by id desc limit 1');
    expect([result, last]).toEqual([
      { done: 1, changed: 1, failures: [], capped: false, dryRun: false },
      { action, actor: 'user:anna' },
    ]);
  });

  it('of reopen opens closed jobs again', async () => {
    await calls(2);
    await jobs.bulk({ verb: 'cancel' }, {});
    expect(await jobs.as(anna).bulk({ verb: 'reopen' }, { status: 'cancelled' })).toMatchObject({ changed: 2 });
  });

  it('by an actor asks the policy about every job', async () => {
    const ids = await calls(3);
    policy.allow = (verb, { key }) => (verb === 'view' ? key !== '1' : key !== '2');
    const { changed, failures } = await jobs.as(anna).bulk({ verb: 'cancel' }, ids);
    expect([changed, failures.map(({ error }) => error)]).toEqual([
      1,
      [new JobNotFoundError(ids[1]!), new JobForbiddenError('user:anna', 'cancel')],
    ]);
  });

  it('by an actor finds by a filter only what the actor may see', async () => {
    await calls(3);
    policy.allow = (_verb, { key }) => key !== '1';
    expect([await jobs.as(anna).bulk({ verb: 'cancel' }, {}, { limit: 2 }), await statuses()]).toEqual([
      { done: 2, changed: 2, failures: [], capped: false, dryRun: false },
      ['cancelled', 'pending', 'cancelled'],
    ]);
  });

  it.each<readonly [string, unknown, unknown, object, string]>([
    ['an unknown verb', { verb: 'delete' }, [], {}, "bulk: option operation.verb must be 'complete' or 'cancel'"],
    ['no operation', null, [], {}, 'bulk: option operation.verb must be'],
    [
      'what the verb does not take',
      { verb: 'cancel', outcome: 'x' },
      [],
      {},
      'bulk: there is no option operation.outcome',
    ],
    ['an unknown field of a filter', { verb: 'cancel' }, { typos: 1 }, {}, 'bulk: there is no option filter.typos'],
    [
      'more ids than its limit',
      { verb: 'cancel' },
      ['1', '2'],
      { limit: 1 },
      'bulk: option jobs must be a list of at most 1 jobs',
    ],
    ['what is no job', { verb: 'cancel' }, [7], {}, 'job: number is no job'],
    [
      'too high a limit',
      { verb: 'cancel' },
      [],
      { limit: 10_001 },
      'bulk: option limit must be an integer from 1 to 10000',
    ],
    ['a wrong principal', { verb: 'cancel' }, [], { by: 'anna' }, 'by: the text "anna" is not a principal'],
    [
      'a progress that is no function',
      { verb: 'cancel' },
      [],
      { onProgress: 1 },
      'bulk: option onProgress must be a function',
    ],
  ])('refuses %s before anything is done', async (_, operation, selection, options, message) => {
    await expect(jobs.bulk(operation as JobOperation, selection as string[], options)).rejects.toThrow(message);
  });

  it('by an actor takes no other name', async () => {
    const options = { by: 'user:boss' } as object;
    await expect(jobs.as(anna).bulk({ verb: 'cancel' }, [], options)).rejects.toThrow('bulk: there is no option by');
  });
});
