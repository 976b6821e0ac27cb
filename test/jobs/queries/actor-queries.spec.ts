import { Injectable, Module } from '@nestjs/common';
import { JobNotFoundError } from '../../../lib/errors/job-not-found.error.js';
import type { JobActor } from '../../../lib/jobs/policy/job-actor.js';
import {
  JOB_POLICY,
  type JobPolicy,
  type JobScope,
  type JobVerb,
  type PolicyJob,
} from '../../../lib/jobs/policy/job-policy.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import { JobType } from '../../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('refund.review')
class ReviewRefund {}

@JobType('phone.call')
class Call {}

@Injectable()
class GivenPolicy implements JobPolicy {
  sees: (job: PolicyJob) => unknown = () => true;
  where: JobScope = {};

  can(_actor: JobActor, verb: JobVerb, job: PolicyJob): boolean {
    return verb === 'view' && (this.sees(job) as boolean);
  }

  scope(): JobScope {
    return this.where;
  }
}

@Module({ providers: [GivenPolicy, { provide: JOB_POLICY, useExisting: GivenPolicy }] })
class PolicyModule {}

const anna: JobActor = { id: 'user:anna', roles: ['role:support'] };

describe('queries.as(actor)', () => {
  let app: JobApplication;
  let queries: JobQueries;
  let policy: GivenPolicy;

  beforeAll(async () => {
    app = await JobApplication.start({ imports: [PolicyModule], providers: [ReviewRefund, Call] });
    queries = app.application.context.get(JobQueries, { strict: false });
    policy = app.application.context.get(GivenPolicy, { strict: false });
    for (let index = 0; index < 30; index += 1) {
      await app.jobs.request(index % 3 === 0 ? ReviewRefund : Call, {
        key: String(index),
        priority: index,
        ...(index % 2 === 0 ? { tenant: 'acme' } : {}),
        ...(index % 5 === 0 ? { assignee: 'user:anna' } : {}),
      });
    }
  });
  afterAll(() => app.close());
  beforeEach(() => {
    policy.sees = () => true;
    policy.where = {};
  });

  async function seen(actor = anna, limit = 4): Promise<number[]> {
    const priorities: number[] = [];
    let after: string | undefined;
    do {
      const page = await queries
        .as(actor)
        .list({}, { sort: 'oldest', limit, ...(after === undefined ? {} : { after }) });
      priorities.push(...page.jobs.map(({ priority }) => priority));
      after = page.next ?? undefined;
    } while (after !== undefined);
    return priorities;
  }

  const numbers = (that: (number: number) => boolean): number[] =>
    Array.from({ length: 30 }, (_, index) => index).filter(that);

  it('lists what the policy lets the actor see, on full pages', async () => {
    policy.sees = ({ priority = 0 }) => priority % 7 === 0;
    const { jobs } = await queries.as(anna).list({}, { limit: 4, sort: 'oldest' });
    expect([jobs.map(({ priority }) => priority), await seen()]).toEqual([
      [0, 7, 14, 21],
      [0, 7, 14, 21, 28],
    ]);
  });

  it('says that there may be more when nothing could be shown for long', async () => {
    policy.sees = ({ priority = 0 }) => priority === 29;
    const { jobs, next } = await queries.as(anna).list({}, { limit: 2, sort: 'oldest' });
    expect([jobs, next === null, await seen(anna, 2)]).toEqual([[], false, [29]]);
  });

  it.each<readonly [string, JobScope, (number: number) => boolean]>([
    ['types', { types: [ReviewRefund] }, (number) => number % 3 === 0],
    ['the tenant', { tenant: 'acme' }, (number) => number % 2 === 0],
    ['principals', { principals: ['user:anna'] }, (number) => number % 5 === 0],
    ['no type', { types: [] }, () => false],
    ['nobody', { principals: [] }, () => false],
  ])('keeps to %s of the scope', async (_, scope, that) => {
    policy.where = scope;
    expect([await seen(), (await queries.as(anna).count()).count]).toEqual([numbers(that), numbers(that).length]);
  });

  it("keeps to the actor's tenant, whatever the filter asks for", async () => {
    const actor = { ...anna, tenant: 'acme' };
    const page = await queries.as(actor).list({ or: [{ tenant: 'acme' }, { types: Call }] }, { limit: 100 });
    expect([new Set(page.jobs.map(({ tenant }) => tenant)), await seen(actor)]).toEqual([
      new Set(['acme']),
      numbers((number) => number % 2 === 0),
    ]);
  });

  it("finds nothing where the scope is another tenant than the actor's", async () => {
    policy.where = { tenant: 'other' };
    expect(await seen({ ...anna, tenant: 'acme' })).toEqual([]);
  });

  it('shows nothing without a plain yes', async () => {
    policy.sees = () => 'yes';
    expect(await seen()).toEqual([]);
  });

  it('counts, sums up and streams only what may be seen', async () => {
    policy.sees = ({ type }) => type === 'refund.review';
    const acting = queries.as(anna);
    const streamed: string[] = [];
    for await (const { type } of acting.stream({}, { limit: 7 })) streamed.push(type);
    let exported = '';
    for await (const chunk of acting.export({}, { format: 'csv' })) exported += String(chunk);
    expect([
      await acting.count(),
      await acting.count({}, { limit: 3 }),
      await acting.facets(['type', 'phase']),
      streamed,
      exported.includes('phone.call'),
      exported.split('\r\n').length,
    ]).toEqual([
      { count: 10, capped: false },
      { count: 3, capped: true },
      {
        facets: { type: [{ value: 'refund.review', count: 10 }], phase: [{ value: 'open', count: 10 }] },
        counted: 10,
        capped: false,
      },
      Array.from({ length: 7 }, () => 'refund.review'),
      false,
      12,
    ]);
  });

  it('has neither history nor comments of a job the actor may not see', async () => {
    const { job } = await app.jobs.request(Call, { key: 'secret' });
    policy.sees = ({ key }) => key !== 'secret';
    const refused = new JobNotFoundError(job.id);
    await expect(queries.as(anna).history(job.id)).rejects.toThrow(refused);
    await expect(queries.as(anna).comments(job.id)).rejects.toThrow(refused);
    await app.rows('delete from jobs_job where id = $1', [job.id]);
  });

  it('has those of a job the actor may see', async () => {
    const { jobs } = await queries.as(anna).list({}, { limit: 1 });
    const { entries } = await queries.as(anna).history(jobs[0]!);
    expect(entries.map(({ action }) => action)).toEqual(['requested']);
  });

  it('goes on from another process of the same database', async () => {
    const { next } = await queries.list({}, { sort: 'oldest', limit: 20 });
    const other = await app.another();
    try {
      const there = other.context.get(JobQueries, { strict: false });
      const { jobs } = await there.list({}, { sort: 'oldest', after: next! });
      expect(jobs.map(({ priority }) => priority)).toEqual(numbers((number) => number >= 20));
    } finally {
      await other.close();
    }
  });
});
