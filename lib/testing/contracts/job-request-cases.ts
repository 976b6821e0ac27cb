import assert from 'node:assert/strict';
import type { JobRequestInput } from '../../jobs/store/job-store.port.js';
import type { ContractChecks } from './contract-case.js';
import { isWaiting, rolledBack } from './contract-support.js';
import { actions, ADA, changed, DONE, found, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const DAY = 86_400_000;

/** What must hold of requests, and of what is remembered for them. */
export const jobRequestCases: ContractChecks<StorageFixture> = {
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
  'remembers a completion for the next request, for its key before any, once and not for too long': async (fixture) => {
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
};
