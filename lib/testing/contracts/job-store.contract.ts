import assert from 'node:assert/strict';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Job } from '../../jobs/model/job.js';
import type { JobRequestInput } from '../../jobs/store/job-store.port.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { isWaiting, rolledBack } from './contract-support.js';
import { jobChangeCases } from './job-change-cases.js';
import { actions, ADA, changed, DONE, found, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/**
 * What a job store must do: request once, change what may be changed, by one of those who try at once, and keep the history of it.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function jobStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'requests a job once while it is open, and counts the repeats': async (fixture) => {
      const first = await requested(fixture);
      const again = await requested(fixture, {}, 'user:9');
      assert.deepEqual([first.created, again.created, again.job.id], [true, false, first.job.id]);
      const job = await found(fixture, first.job);
      assert.deepEqual([job.status, job.requestCount, job.version, job.createdBy], ['pending', 2, 2, 'user:1']);
      assert.deepEqual(await actions(fixture, first.job), ['requested by user:1', 'repeated by user:9']);
    },
    'tells jobs apart by tenant, type, target and key': async (fixture) => {
      const others = [{}, { tenant: 'a' }, { type: 'b' }, { targetType: 'c' }, { targetId: 'd' }, { key: 'e' }];
      const ids = new Set<string>();
      for (const other of others) ids.add((await requested(fixture, other)).job.id);
      assert.equal(ids.size, others.length);
    },
    'requests anew what was closed, but not what is to be done once ever, and again and again what is unique never':
      async (fixture) => {
        for (const [uniqueness, key, expected] of [
          ['open', 'a', true],
          ['ever', 'b', false],
          ['none', 'c', true],
        ] as const) {
          const { job } = await requested(fixture, { uniqueness, key });
          await changed(fixture, fixture.connection, 'complete', job, DONE);
          assert.equal((await requested(fixture, { uniqueness, key })).created, expected, uniqueness);
        }
        assert.equal((await requested(fixture, { uniqueness: 'none', key: 'c' })).created, true);
      },
    'requests a job once of those who ask at once': async (fixture) => {
      const records = await Promise.all(Array.from({ length: 5 }, () => requested(fixture)));
      assert.equal(new Set(records.map(({ job }) => job.id)).size, 1);
      assert.equal(records.filter(({ created }) => created).length, 1);
      assert.equal((await found(fixture, records[0]?.job ?? { id: '0' })).requestCount, 5);
    },
    'merges or extends what a repeat asks for, if it asks for that': async (fixture) => {
      const at = new Date(Date.UTC(2_100, 0, 1)).toISOString();
      const later = new Date(Date.UTC(2_101, 0, 1)).toISOString();
      const { job } = await requested(fixture, { metadata: { a: 1, b: 1 }, dueAt: at, expiresAt: later });
      const repeat = async (given: Partial<JobRequestInput>): Promise<unknown> => {
        const again = (await requested(fixture, { metadata: { b: 2 }, dueAt: later, expiresAt: at, ...given })).job;
        assert.equal(again.id, job.id);
        return [again.metadata, again.dueAt?.toISOString(), again.expiresAt?.toISOString()];
      };
      assert.deepEqual(await repeat({}), [{ a: 1, b: 1 }, at, later]);
      assert.deepEqual(await repeat({ onRepeat: 'merge' }), [{ a: 1, b: 2 }, at, later]);
      assert.deepEqual(await repeat({ onRepeat: 'extend' }), [{ a: 1, b: 2 }, later, later]);
    },
    'leaves nothing of what was rolled back': async (fixture) => {
      const gone = await rolledBack(fixture, (connection) => requested({ ...fixture, connection }));
      assert.deepEqual(await fixture.jobs.findByIds(fixture.connection, [gone.job.id]), []);
      const { job, created } = await requested(fixture);
      assert.equal(created, true);
      await rolledBack(fixture, (connection) => changed(fixture, connection, 'complete', job, DONE));
      assert.equal((await found(fixture, job)).status, 'pending');
      assert.deepEqual(await actions(fixture, job), ['requested by user:1']);
    },
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
    'has those who take turns for a subject wait for each other': async (fixture) => {
      const second = await fixture.transaction(async (connection) => {
        await fixture.jobs.takeTurns(connection, ADA);
        await fixture.transaction((other) => fixture.jobs.takeTurns(other, { ...ADA, targetId: '8' }));
        const waiting = fixture.transaction((other) => fixture.jobs.takeTurns(other, ADA));
        assert(await isWaiting(waiting), 'it did not wait');
        assert.equal(await fixture.transaction((other) => fixture.jobs.tryTurn(other, ADA, 1)), false);
        return { waiting };
      });
      await second.waiting;
      assert.equal(await fixture.transaction((other) => fixture.jobs.tryTurn(other, ADA, 1)), true);
    },
    'remembers a completion for the next request, for its key before any, once and not for too long': async (
      fixture,
    ) => {
      const { jobs, connection } = fixture;
      const remember = (key: string, outcome: string): Promise<void> =>
        jobs.remember(connection, ADA, { reason: 'done', outcome, eventId: null, actor: 'user:3' }, DAY, key);
      await remember('', 'any');
      await remember('a', 'own');
      assert.equal((await requested(fixture, { key: 'a' })).remembered?.outcome, 'own');
      assert.equal((await requested(fixture, { key: 'b' })).remembered, undefined);
      await remember('c', 'gone');
      await jobs.unremember(connection, ADA, 'c');
      assert.equal((await requested(fixture, { key: 'c' })).remembered, undefined);
      await remember('d', 'late');
      fixture.advance(DAY + 1_000);
      assert.equal((await requested(fixture, { key: 'd' })).remembered, undefined);
    },
    'finds the open job of a subject and key, or else the latest': async (fixture) => {
      const { jobs, connection } = fixture;
      assert.equal(await jobs.findEver(connection, ADA, ''), undefined);
      const first = await requested(fixture);
      await changed(fixture, connection, 'complete', first.job, DONE);
      const second = await requested(fixture);
      await changed(fixture, connection, 'complete', second.job, DONE);
      assert.equal((await jobs.findEver(connection, ADA, ''))?.id, second.job.id);
      await changed(fixture, connection, 'reopen', first.job);
      assert.equal((await jobs.findEver(connection, ADA, ''))?.id, first.job.id);
      assert.deepEqual(
        (await jobs.findPending(connection, ADA, null)).map(({ id }) => id),
        [first.job.id],
      );
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
    ...jobChangeCases,
  });
}
