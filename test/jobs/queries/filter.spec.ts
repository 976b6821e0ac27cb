import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { JobsService } from '../../../lib/jobs/jobs.service.js';
import type { JobFilter } from '../../../lib/jobs/queries/job-filter.interface.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import { JobType } from '../../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../../support/job-application.js';

@Entity()
class Account {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}

@JobType('onboarding.verify-email', { target: Account, plan: 'onboarding', step: 1 })
class VerifyEmail {}

@JobType('refund.review', { outcomes: ['granted', 'refused'], candidates: ['role:support'] })
class ReviewRefund {}

@JobType('phone.call', {})
class Call {}

const ID = '0b2ffcd0-6f0c-4c5c-9f5a-111111111111';
const HOUR = 3_600_000;

describe('A filter of jobs', () => {
  const clock = { offset: 0 };
  let app: JobApplication;
  let jobs: JobsService;
  let queries: JobQueries;
  const names = new Map<string, string>();

  async function made(name: string, asked: Promise<{ readonly job: { readonly id: string } }>): Promise<string> {
    const { job } = await asked;
    names.set(job.id, name);
    return job.id;
  }

  beforeAll(async () => {
    app = await JobApplication.start({
      entities: [Account],
      providers: [VerifyEmail, ReviewRefund, Call],
      jobs: { clock },
    });
    ({ jobs } = app);
    queries = app.application.context.get(JobQueries, { strict: false });
    clock.offset = -72 * HOUR;
    await made('old', jobs.request(Call, { tags: ['red', 'blue'], assignee: 'user:anna' }));
    clock.offset = -2 * HOUR;
    await made('overdue', jobs.request(Call, { key: 'due', dueIn: '1h', metadata: { city: 'Málaga', floor: 3 } }));
    clock.offset = 0;
    await made('soon', jobs.request(Call, { key: 'soon', dueIn: '3h', tags: ['red'], priority: 7 }));
    await made('free', jobs.request(ReviewRefund, { key: 'free', target: { type: 'Refund', id: '1' } }));
    const claimed = await made('claimed', jobs.request(ReviewRefund, { key: 'claimed', assignee: null }));
    await jobs.claim(claimed, { by: 'user:bert' });
    const granted = await made(
      'granted',
      jobs.request(ReviewRefund, { key: 'granted', target: { type: 'Refund', id: '1' } }),
    );
    await jobs.complete(granted, { outcome: 'granted', by: 'user:anna' });
    const cancelled = await made('cancelled', jobs.request(Call, { key: 'cancelled', assignee: 'user:anna' }));
    await jobs.cancel(cancelled);
    const email = await made('email', jobs.request(VerifyEmail, { target: ID, tenant: 'acme' }));
    await jobs.snooze(email, '1d');
    const repeated = await made(
      'repeated',
      jobs.request(Call, { key: 'again', metadata: { a: { b: [1, 'x'] }, n: null } }),
    );
    await jobs.request(Call, { key: 'again' });
    await jobs.start(repeated);
    const waiting = await made(
      'waiting',
      jobs.request(Call, { key: 'waiting', candidates: ['user:x', 'user:y', 'role:z', 'role:deep'] }),
    );
    await jobs.wait(waiting, 'the bank');
  });
  afterAll(() => app.close());

  const ALL = ['old', 'overdue', 'soon', 'free', 'claimed', 'granted', 'cancelled', 'email', 'repeated', 'waiting'];
  const except = (...left: string[]): string[] => ALL.filter((name) => !left.includes(name));

  const CASES: readonly (readonly [string, JobFilter, readonly string[]])[] = [
    ['nothing', {}, ALL],
    ['a type by class', { types: VerifyEmail }, ['email']],
    [
      'types by class and name',
      { types: [ReviewRefund, 'onboarding.verify-email'] },
      ['free', 'claimed', 'granted', 'email'],
    ],
    ['a type nobody provides', { types: 'gone.away' }, []],
    ['a status', { status: 'cancelled' }, ['cancelled']],
    ['statuses', { status: ['completed', 'cancelled'] }, ['granted', 'cancelled']],
    ['the phase open', { phase: 'open' }, ['old', 'overdue', 'soon', 'free']],
    ['other phases', { phase: ['claimed', 'started'] }, ['claimed', 'repeated']],
    ['what is put off', { phase: ['snoozed', 'waiting'] }, ['email', 'waiting']],
    ['an outcome', { outcome: 'granted' }, ['granted']],
    ['another outcome', { outcome: 'refused' }, []],
    ['a reason', { reason: ['done', 'expired'] }, ['granted']],
    ['a target by reference', { target: { type: 'Refund', id: '1' } }, ['free', 'granted']],
    ['a target by id, where the type names the entity', { types: VerifyEmail, target: ID.toUpperCase() }, ['email']],
    [
      'several targets',
      {
        target: [
          { type: 'Refund', id: '1' },
          { type: 'Account', id: ID },
        ],
      },
      ['free', 'granted', 'email'],
    ],
    ['an assignee', { assignee: 'user:anna' }, ['old', 'cancelled']],
    ['an assignee and a status', { assignee: 'user:anna', status: 'pending' }, ['old']],
    ['assignees', { assignee: ['user:nobody', 'user:anna'] }, ['old', 'cancelled']],
    ['who claimed', { claimedBy: 'user:bert' }, ['claimed']],
    ['candidates', { candidate: ['role:support', 'role:deep'] }, ['free', 'claimed', 'waiting']],
    ['what is mine by role', { mine: { id: 'user:anna', roles: ['role:support'] } }, ['old', 'free', 'cancelled']],
    ['what is mine by claim', { mine: { id: 'user:bert', roles: ['role:support'] } }, ['free', 'claimed']],
    ['what is mine as the third candidate', { mine: { id: 'role:z' } }, ['waiting']],
    ['what is mine as a further candidate', { mine: { id: 'user:q', roles: ['role:deep'] } }, ['waiting']],
    ['what is mine in a tenant', { mine: { id: 'user:anna', tenant: 'acme' } }, []],
    ['what is mine and closed', { mine: { id: 'user:anna' }, status: 'cancelled' }, ['cancelled']],
    ['nobody assigned', { unassigned: true, types: Call }, ['overdue', 'soon', 'repeated', 'waiting']],
    ['somebody assigned', { unassigned: false }, ['old', 'cancelled']],
    ['overdue', { overdue: true }, ['overdue']],
    ['not overdue', { overdue: false }, except('overdue')],
    ['due within', { dueWithin: '4h' }, ['soon']],
    ['due within less', { dueWithin: '2h' }, []],
    ['stalled', { stalled: '2d' }, ['old']],
    ['older than', { olderThan: '1h' }, ['old', 'overdue']],
    ['occurrences', { occurrences: 2 }, ['repeated']],
    ['a priority', { priority: 7 }, ['soon']],
    ['a plan', { plan: 'onboarding' }, ['email']],
    ['a step', { plan: ['onboarding', 'other'], step: [1, 2] }, ['email']],
    ['another step', { plan: 'onboarding', step: 2 }, []],
    ['metadata', { metadata: { path: ['city'], equals: 'Málaga' } }, ['overdue']],
    ['metadata as text of a number', { metadata: { path: ['floor'], equals: [1, 3] } }, ['overdue']],
    ['metadata in a list', { metadata: { path: ['a', 'b', '1'], equals: 'x' } }, ['repeated']],
    ['metadata that is there', { metadata: { path: ['a'], exists: true } }, ['repeated']],
    ['metadata that is null', { metadata: { path: ['n'], exists: true } }, []],
    ['metadata that is not there', { metadata: { path: ['city'], exists: false } }, except('overdue')],
    [
      'several metadata',
      {
        metadata: [
          { path: ['city'], equals: 'Málaga' },
          { path: ['floor'], equals: 4 },
        ],
      },
      [],
    ],
    [
      'metadata that would be SQL',
      { metadata: { path: [`city') is not null or ('1`, `{a}`], equals: `' or true --` } },
      [],
    ],
    ['a tag', { tags: 'red' }, ['old', 'soon']],
    ['all tags', { tags: ['red', 'blue'] }, ['old']],
    ['a tenant', { tenant: 'acme' }, ['email']],
    ['a text that would be SQL', { tenant: `' or ''='` }, []],
    ['closed since', { closed: { from: new Date(Date.now() - HOUR) } }, ['granted', 'cancelled']],
    ['closed before', { closed: { before: '2020-01-01T00:00:00Z' } }, []],
    ['due from', { due: { from: '2020-01-01T00:00:00+01:00' } }, ['overdue', 'soon']],
    ['due between', { due: { from: '2020-01-01T00:00Z', before: new Date() } }, ['overdue']],
    ['contradictions', { status: 'completed', overdue: true }, []],
    [
      'one or another',
      { or: [{ overdue: true }, { status: 'completed' }, { tags: ['red'] }] },
      ['old', 'overdue', 'soon', 'granted'],
    ],
    [
      'one or another of those that',
      { types: Call, or: [{ tags: 'red' }, { phase: 'waiting' }, { types: VerifyEmail }] },
      ['old', 'soon', 'waiting'],
    ],
    [
      'alternatives within alternatives',
      { or: [{ types: Call, or: [{ priority: 7 }, { or: [{ occurrences: 2 }] }] }, { tenant: 'acme' }] },
      ['soon', 'repeated', 'email'],
    ],
    ['mine or overdue', { or: [{ mine: { id: 'role:support' } }, { overdue: true }] }, ['free', 'overdue']],
    [
      'mine and one of many',
      {
        mine: { id: 'user:anna', roles: ['role:support'] },
        or: Array.from({ length: 10 }, (_, index) => ({ priority: index - 9 })),
      },
      ['old', 'free', 'cancelled'],
    ],
    ['alternatives none of which can be', { or: [{ status: 'completed', overdue: true }] }, []],
  ];

  it.each(CASES)('for %s finds what meets it, each once', async (_, filter, expected) => {
    const { jobs: found } = await queries.list(filter, { limit: 100, sort: 'oldest' });
    expect(found.map(({ id }) => names.get(id))).toEqual(ALL.filter((name) => expected.includes(name)));
  });

  it.each(CASES)('for %s counts as many', async (_, filter, expected) => {
    expect(await queries.count(filter)).toEqual({ count: expected.length, capped: false });
  });

  it.each<readonly [string, unknown, string]>([
    ['an unknown field', { typos: 1 }, 'list: there is no option filter.typos. Did you mean filter.types?'],
    [
      'an unknown field within alternatives',
      { or: [{}, { statuz: 1 }] },
      'there is no option filter.or[1].statuz. Did you mean filter.or[1].status?',
    ],
    ['another kind than an object', ['pending'], 'option filter must be an object'],
    [
      'an unknown status',
      { status: 'done' },
      `option filter.status must be 'pending' or 'completed' or 'cancelled', but is the string "done"`,
    ],
    ['an unknown status in a list', { status: ['pending', 7] }, 'option filter.status[1] must be'],
    [
      'an empty list',
      { types: [] },
      'option filter.types must be a list of 1 to 100; leave it out where it does not matter',
    ],
    [
      'too long a list',
      { assignee: Array.from({ length: 101 }, () => 'user:1') },
      'option filter.assignee must be a list of 1 to 100',
    ],
    ['null', { tenant: null }, 'option filter.tenant must be a text of 1 to 255 characters, but is null'],
    [
      'what is no principal',
      { assignee: ['user:1', 'anna'] },
      'filter.assignee[1]: the text "anna" is not a principal',
    ],
    ['what is no actor', { mine: { id: 'user:1', groups: [] } }, 'there is no option filter.mine.groups'],
    ['no role', { mine: { id: 'user:1', roles: ['x'] } }, 'filter.mine.roles[0]'],
    ['what is no duration', { stalled: 'soon' }, 'filter.stalled'],
    ['what is no count', { occurrences: 0 }, 'option filter.occurrences must be an integer from 1 to'],
    ['a text for a number', { step: ['1'] }, 'option filter.step[0] must be an integer'],
    ['a text for a flag', { overdue: 'true' }, 'option filter.overdue must be true or false, but is the string "true"'],
    ['NUL', { tenant: 'a\0b' }, 'filter.tenant'],
    ['a lone surrogate', { tags: ['\ud800'] }, 'filter.tags[0]'],
    [
      'a path that is a text',
      { metadata: { path: 'a.b', equals: 1 } },
      'option filter.metadata.path must be a list of 1 to 10',
    ],
    [
      'a path that is too deep',
      { metadata: { path: Array.from('abcdefghijk'), equals: 1 } },
      'option filter.metadata.path must be a list of 1 to 10',
    ],
    [
      'a path of other things',
      { metadata: [{ path: ['a', 1], exists: true }] },
      'option filter.metadata[0].path[1] must be a text',
    ],
    [
      'metadata that says nothing',
      { metadata: { path: ['a'] } },
      'option filter.metadata must be given either equals or exists',
    ],
    [
      'metadata that is compared with an object',
      { metadata: { path: ['a'], equals: {} } },
      'option filter.metadata.equals must be a text, a finite number, true or false',
    ],
    [
      'a moment without a zone',
      { created: { from: '2026-01-01T00:00:00' } },
      'option filter.created.from must be a Date, or ISO 8601 text with a time zone',
    ],
    ['a day that does not exist', { due: { before: '2026-02-30T00:00:00Z' } }, 'filter.due.before'],
    ['a Date that is none', { due: { before: new Date('x') } }, 'filter.due.before'],
    ['a span without ends', { closed: {} }, 'option filter.closed must be given from, before or both'],
    ['an id that could be anything', { target: '7' }, 'option filter.target'],
    [
      'a target of another entity',
      { types: VerifyEmail, target: { type: 'Refund', id: '1' } },
      'option filter.target: this is a Refund',
    ],
    ['alternatives without any', { or: [] }, 'option filter.or must be a list of 1 to 10'],
    [
      'alternatives that are too deep',
      { or: [{ or: [{ or: [{ or: [{}] }] }] }] },
      'option filter.or[0].or[0].or[0].or must be at most 3 deep',
    ],
    [
      'too many alternatives',
      { or: Array.from({ length: 10 }, () => ({ or: [{}, {}, {}] })) },
      'with at most 30 groups in all',
    ],
  ])('refuses %s and names its path', async (_, filter, message) => {
    await expect(queries.list(filter as JobFilter)).rejects.toThrow(message);
  });

  it.each<readonly [string, object, string]>([
    ['an unknown order', { sort: 'random' }, `list: option sort must be 'newest' or 'oldest'`],
    [
      'an order of pending jobs for any',
      { sort: 'due' },
      "list: option sort must be another order, or the filter must say status: ['pending']",
    ],
    ['no limit', { limit: 0 }, 'list: option limit must be an integer from 1 to 1000'],
    ['too high a limit', { limit: 1_001 }, 'list: option limit must be an integer from 1 to 1000'],
    ['an unknown option', { page: 2 }, 'list: there is no option page'],
  ])('takes no list with %s', async (_, options, message) => {
    await expect(queries.list({}, options)).rejects.toThrow(message);
  });

  it('counts no further than its limit', async () => {
    expect(await queries.count({}, { limit: 3 })).toEqual({ count: 3, capped: true });
  });
});
