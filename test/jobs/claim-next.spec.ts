import type { JobsService } from '../../lib/jobs/jobs.service.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../support/job-application.js';

@JobType('phone.call', { candidates: ['role:support'] })
class Call {}

describe('claimNext', () => {
  const clock = { offset: 0 };
  let app: JobApplication;
  let jobs: JobsService;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Call], jobs: { clock } });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    clock.offset = 0;
    await app.clear();
  });

  const next = async (...as: `${string}:${string}`[]): Promise<string | undefined> =>
    (await jobs.claimNext({ by: 'user:9', as }))?.key;

  it('goes past jobs that others have locked, however many', async () => {
    await app.rows(
      `insert into jobs_job (type, key, candidates, uniqueness) select 'phone.call', i::text, '{role:support}', 'none' from generate_series(1, 1100) i`,
    );
    const found = await app.dataSource.transaction(async (manager) => {
      await manager.query('select from jobs_job where key::int < 1100 for update');
      return next('role:support');
    });
    expect(found).toBe('1100');
  });

  it('finds nothing when others have locked everything', async () => {
    await jobs.request(Call);
    const found = await app.dataSource.transaction(async (manager) => {
      await manager.query('select from jobs_job for update');
      return next('role:support');
    });
    expect(found).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 9])('finds a job of which one is candidate number %i', async (place) => {
    const others = Array.from({ length: 8 }, (_, index) => `user:${index}` as const);
    await jobs.request(Call, {
      key: 'k',
      candidates: [...others.slice(0, place - 1), 'role:me', ...others.slice(place - 1)],
    });
    expect(await next('role:me')).toBe('k');
  });

  it('takes the most urgent of all ways to be theirs: higher priority, then due first, then requested first', async () => {
    await jobs.request(Call, { key: 'assigned', assignee: 'user:9', priority: 1 });
    await jobs.request(Call, { key: 'late', candidates: ['user:1', 'role:support'], dueIn: '2h', priority: 1 });
    const further = ['user:1', 'user:2', 'user:3', 'user:4', 'role:support'] as const;
    await jobs.request(Call, { key: 'soon', candidates: further, dueIn: '1h', priority: 1 });
    await jobs.request(Call, { key: 'plain' });
    await jobs.request(Call, { key: 'urgent', priority: 2 });
    const order: (string | undefined)[] = [];
    for (let round = 0; round < 6; round += 1) order.push(await next('role:support'));
    expect(order).toEqual(['urgent', 'soon', 'late', 'assigned', 'plain', undefined]);
  });

  it('takes a job whose claim has lapsed before the sweep has seen to it', async () => {
    const { job } = await jobs.request(Call, { key: 'k' });
    await jobs.claim(job, { by: 'user:1', lapsesIn: '1h' });
    const before = await next('role:support');
    clock.offset = 3_600_001;
    expect([before, await next('role:support')]).toEqual([undefined, 'k']);
  });

  it('takes a job whose snooze is over, and none that waits', async () => {
    const { job: snoozed } = await jobs.request(Call, { key: 'snoozed' });
    const { job: waiting } = await jobs.request(Call, { key: 'waiting', priority: 9 });
    await jobs.snooze(snoozed, '1h');
    await jobs.wait(waiting, 'rain');
    const before = await next('role:support');
    clock.offset = 3_600_001;
    expect([before, await next('role:support'), await next('role:support')]).toEqual([undefined, 'snoozed', undefined]);
  });

  it('leaves what is assigned to somebody else', async () => {
    await jobs.request(Call, { assignee: 'user:1' });
    expect(await next('role:support')).toBeUndefined();
  });
});
