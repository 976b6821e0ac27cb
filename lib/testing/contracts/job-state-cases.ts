import assert from 'node:assert/strict';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Job } from '../../jobs/model/job.js';
import type { ContractChecks } from './contract-case.js';
import { isWaiting, rolledBack } from './contract-support.js';
import { actions, ADA, changed, DONE, found, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** What must hold of changes of state, by those who try at once, and of what is read of them. */
export const jobStateCases: ContractChecks<StorageFixture> = {
  'closes a job once, by the first of those who try at once': async (fixture) => {
    const { job } = await requested(fixture);
    const second = await fixture.transaction(async (connection) => {
      const first = await changed(fixture, connection, 'complete', job, { ...DONE, metadata: { by: 'first' } });
      assert.equal(first?.status, 'completed');
      const other = changed(fixture, fixture.connection, 'cancel', job, { closeReason: 'cancelled' });
      assert(await isWaiting(other), 'it did not wait');
      return { other };
    });
    assert.equal(await second.other, undefined);
    const closed = await found(fixture, job);
    assert.deepEqual([closed.status, closed.closeReason, closed.metadata], ['completed', 'done', { by: 'first' }]);
    assert.deepEqual([closed.closedBy, closed.closedAt === null], ['user:2', false]);
    assert.deepEqual(await actions(fixture, job), ['requested by user:1', 'completed by user:2']);
  },
  'lets the second have it when the first rolled back': async (fixture) => {
    const { job } = await requested(fixture);
    let other: Promise<Job | undefined> | undefined;
    await rolledBack(fixture, async (connection) => {
      await changed(fixture, connection, 'complete', job, DONE);
      other = changed(fixture, fixture.connection, 'cancel', job, { closeReason: 'cancelled', outcome: null });
      assert(await isWaiting(other));
    });
    assert.equal((await other)?.status, 'cancelled');
  },
  'changes the pending jobs of a subject, those of one key alone when it is given': async (fixture) => {
    const [one, two] = [await requested(fixture, { key: 'a' }), await requested(fixture, { key: 'b' })];
    const other = await requested(fixture, { targetId: '8' });
    const change = async (key: string | null): Promise<readonly string[]> => {
      const selector = { subject: ADA, key };
      const jobs = await fixture.jobs.change(fixture.connection, {
        ...{ transition: 'complete', selector, actor: 'user:2', input: DONE, note: null },
      });
      return jobs.map(({ id }) => id);
    };
    assert.deepEqual([await change('a'), await change(null)], [[one.job.id], [two.job.id]]);
    assert.equal((await found(fixture, other.job)).status, 'pending');
  },
  'opens a closed job again, and no other': async (fixture) => {
    const { job } = await requested(fixture, { expiresIn: DAY });
    assert.equal(await changed(fixture, fixture.connection, 'reopen', job), undefined);
    await changed(fixture, fixture.connection, 'complete', job, { ...DONE, result: { a: 1 } });
    const open = await changed(fixture, fixture.connection, 'reopen', job);
    assert.deepEqual([open?.status, open?.closeReason, open?.result, open?.closedAt], ['pending', null, null, null]);
    assert.notEqual(open?.expiresAt, null);
  },
  'claims a job for one, until it is released or the claim lapses': async (fixture) => {
    const { job } = await requested(fixture);
    const claim = (by: string): Promise<Job | undefined> =>
      changed(fixture, fixture.connection, 'claim', job, { by, lapsesIn: MINUTE });
    assert.equal((await claim('user:1'))?.claimedBy, 'user:1');
    assert.equal(await claim('user:2'), undefined);
    assert.equal(await changed(fixture, fixture.connection, 'release', job, { by: 'user:2' }), undefined);
    assert.equal((await changed(fixture, fixture.connection, 'release', job, { by: 'user:1' }))?.claimedBy, null);
    assert.equal((await claim('user:2'))?.claimedBy, 'user:2');
    fixture.advance(MINUTE + 1_000);
    assert.equal((await claim('user:3'))?.claimedBy, 'user:3');
    fixture.advance(MINUTE + 1_000);
    const lapsed = await fixture.jobs.sweep(fixture.connection, 'lapse', {}, 'system');
    assert.deepEqual(
      lapsed.map(({ id, claimedBy }) => [id, claimedBy]),
      [[job.id, null]],
    );
  },
  'sweeps what has expired, is overdue or has slept enough, once': async (fixture) => {
    const [expiring, due, asleep] = [
      await requested(fixture, { key: 'a', expiresIn: DAY }),
      await requested(fixture, { key: 'b', dueIn: DAY }),
      await requested(fixture, { key: 'c' }),
    ];
    await requested(fixture, { key: 'd', expiresIn: 3 * DAY, dueIn: 3 * DAY });
    await changed(fixture, fixture.connection, 'snooze', asleep.job, { within: DAY });
    const sweep = async (): Promise<unknown> => {
      const swept: unknown[] = [];
      for (const name of ['expire', 'noticeDue', 'wake'] as const) {
        const reason = name === 'expire' ? { closeReason: 'expired', outcome: null } : {};
        const jobs = await fixture.jobs.sweep(fixture.connection, name, reason, 'system');
        swept.push(jobs.map(({ id }) => id));
      }
      return swept;
    };
    assert.deepEqual(await sweep(), [[], [], []]);
    fixture.advance(DAY + 1_000);
    assert.deepEqual(await sweep(), [[expiring.job.id], [due.job.id], [asleep.job.id]]);
    assert.deepEqual(await sweep(), [[], [], []]);
    const expired = await found(fixture, expiring.job);
    assert.deepEqual([expired.status, expired.closeReason], ['cancelled', 'expired']);
    assert.deepEqual(await actions(fixture, due.job), ['requested by user:1', 'due by system']);
  },
  'finds the most urgent job for somebody, and keeps it from others until the transaction ends': async (fixture) => {
    const theirs = { candidates: ['role:staff'] };
    const low = await requested(fixture, { key: 'a', ...theirs });
    const high = await requested(fixture, { key: 'b', priority: 9, ...theirs });
    const soonDue = await requested(fixture, { key: 'c', dueIn: DAY, ...theirs });
    const own = await requested(fixture, { key: 'd', priority: -1, assignee: 'user:7' });
    await requested(fixture, { key: 'e', priority: 10, assignee: 'user:8' });
    await requested(fixture, { key: 'f', priority: 10, candidates: ['role:admin'] });
    const next = async (connection: EngineConnection, query = {}): Promise<string | undefined> =>
      (await fixture.jobs.lockNext(connection, ['user:7', 'role:staff'], query))?.id;
    await fixture.transaction(async (connection) => {
      assert.equal(await next(connection), high.job.id);
      await fixture.transaction(async (other) => assert.equal(await next(other), soonDue.job.id));
      await fixture.transaction(async (other) => {
        const except = [soonDue.job.id];
        assert.equal(await next(other, { except }), low.job.id);
        assert.equal(await fixture.jobs.tryLock(other, high.job.id), false);
      });
    });
    for (const { job } of [high, soonDue, low]) await changed(fixture, fixture.connection, 'complete', job, DONE);
    assert.equal(await next(fixture.connection), own.job.id);
    assert.equal(await next(fixture.connection, { types: ['another'] }), undefined);
  },
  'reads history page by page, from either end, and comments alone': async (fixture) => {
    const { jobs, connection } = fixture;
    const { job } = await requested(fixture);
    const change = { selector: { ids: [job.id] }, actor: 'user:2', input: {}, note: 'hello' } as const;
    await jobs.change(connection, { ...change, transition: 'comment' });
    await changed(fixture, connection, 'setPriority', job, { priority: 5 });
    const page = (order: 'oldest' | 'newest', after: string | null, what: 'history' | 'comments' = 'history') =>
      jobs.history(connection, job.id, { what, order, after, limit: 2 });
    const first = await page('oldest', null);
    const rest = await page('oldest', first.at(-1)?.id ?? null);
    assert.deepEqual(
      [...first, ...rest].map(({ action }) => action),
      ['requested', 'commented', 'prioritised'],
    );
    assert.deepEqual(
      (await page('newest', null)).map(({ action }) => action),
      ['prioritised', 'commented'],
    );
    assert.deepEqual(
      (await page('oldest', null, 'comments')).map(({ note }) => note),
      ['hello'],
    );
    assert.deepEqual([rest[0]?.before, rest[0]?.after], [{ priority: 0 }, { priority: 5 }]);
  },
};
