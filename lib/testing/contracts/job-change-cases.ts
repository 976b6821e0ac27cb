import assert from 'node:assert/strict';
import type { Job } from '../../jobs/model/job.js';
import type { JobTransitionName } from '../../jobs/store/job-transitions.js';
import { changed, DONE, found, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const FAR = '2100-01-01T00:00:00.000Z';
const FARTHER = '2101-01-01T00:00:00.000Z';

type Change = (transition: JobTransitionName, input?: Readonly<Record<string, unknown>>) => Promise<Job | undefined>;

/** What is changed of open jobs alone. */
const OF_OPEN_JOBS: readonly (readonly [JobTransitionName, Readonly<Record<string, unknown>>])[] = [
  ['claim', { by: 'user:1' }],
  ['release', {}],
  ['assign', { assignee: 'user:3' }],
  ['transfer', { candidates: ['role:b'] }],
  ['start', {}],
  ['snooze', { within: DAY }],
  ['wait', { on: 'the bank' }],
  ['resume', {}],
  ['lapse', {}],
  ['setDue', { at: FAR }],
  ['setExpiry', { at: FAR }],
  ['setPriority', { priority: 3 }],
];

/** A job, and a way to change it. */
async function openJob(
  fixture: StorageFixture,
  given: Parameters<typeof requested>[1] = {},
): Promise<{ readonly job: Job; readonly change: Change }> {
  const { job } = await requested(fixture, given);
  return { job, change: (transition, input) => changed(fixture, fixture.connection, transition, job, input) };
}

/** What a job store must do with what may be changed of a job without closing it. */
export const jobChangeCases: Readonly<Record<string, (fixture: StorageFixture) => Promise<void>>> = {
  'assigns a job and hands it on, and says when nothing changes by that': async (fixture) => {
    const { change } = await openJob(fixture, { candidates: ['role:a'] });
    assert.equal((await change('assign', { assignee: 'user:3' }))?.assignee, 'user:3');
    assert.equal(await change('assign', { assignee: 'user:3' }), undefined);
    assert.equal((await change('assign', { assignee: null }))?.assignee, null);
    assert.equal(await change('assign', { assignee: null }), undefined);
    await change('assign', { assignee: 'user:3' });
    await change('claim', { by: 'user:3' });
    const handedOn = await change('transfer', { candidates: ['role:b', 'role:c'] });
    assert.deepEqual(
      [handedOn?.candidates, handedOn?.assignee, handedOn?.claimedBy, handedOn?.claimedAt],
      [['role:b', 'role:c'], null, null, null],
    );
  },
  'starts a job once, which then neither sleeps nor waits': async (fixture) => {
    const { change } = await openJob(fixture);
    await change('snooze', { within: DAY });
    await change('wait', { on: 'the bank' });
    const started = await change('start');
    assert.deepEqual([started?.startedAt === null, started?.snoozedUntil, started?.waitingOn], [false, null, null]);
    assert.equal(await change('start'), undefined);
  },
  'puts a job off until a moment, for a while or until something happens, and resumes only such a one': async (
    fixture,
  ) => {
    const { change } = await openJob(fixture);
    assert.equal(await change('resume'), undefined);
    assert.equal((await change('snooze', { until: FAR }))?.snoozedUntil?.toISOString(), FAR);
    assert.equal((await change('resume'))?.snoozedUntil, null);
    assert.equal(await change('resume'), undefined);
    assert.equal((await change('wait', { on: 'the bank' }))?.waitingOn, 'the bank');
    assert.equal((await change('resume'))?.waitingOn, null);
    assert.equal(await change('resume'), undefined);
    const slept = (await change('snooze', { within: DAY }))?.snoozedUntil;
    assert(slept instanceof Date && slept < new Date(FAR), 'it does not sleep for a day');
  },
  'sets when a job is due and when it expires, and tells of the new time it is due': async (fixture) => {
    const { job, change } = await openJob(fixture, { dueIn: MINUTE });
    fixture.advance(2 * MINUTE);
    const noticed = await fixture.jobs.sweep(fixture.connection, 'noticeDue', {}, 'system');
    assert.deepEqual(
      noticed.map(({ id, dueNoticedAt }) => [id, dueNoticedAt === null]),
      [[job.id, false]],
    );
    const due = await change('setDue', { at: FAR });
    assert.deepEqual([due?.dueAt?.toISOString(), due?.dueNoticedAt], [FAR, null]);
    assert.equal((await change('setDue', { at: null }))?.dueAt, null);
    assert.equal((await change('setExpiry', { at: FARTHER }))?.expiresAt?.toISOString(), FARTHER);
    assert.equal((await change('setExpiry', { at: null }))?.expiresAt, null);
  },
  'adds and removes tags, which it keeps in order and once, of closed jobs too': async (fixture) => {
    const { change } = await openJob(fixture, { tags: ['c', 'a'] });
    assert.deepEqual((await change('tag', { add: ['b', 'c'], remove: [] }))?.tags, ['a', 'b', 'c']);
    await change('complete', DONE);
    assert.deepEqual((await change('tag', { add: ['d'], remove: ['a', 'x'] }))?.tags, ['b', 'c', 'd']);
    assert.deepEqual((await change('tag', { add: [], remove: ['b', 'c', 'd'] }))?.tags, []);
  },
  'lets one claim a job again, and gives back only what is claimed': async (fixture) => {
    const { change } = await openJob(fixture);
    assert.equal(await change('release'), undefined);
    assert.equal((await change('claim', { by: 'user:1' }))?.claimExpiresAt, null);
    assert.equal((await change('claim', { by: 'user:1', lapsesIn: DAY }))?.claimExpiresAt instanceof Date, true);
    assert.deepEqual(await fixture.jobs.sweep(fixture.connection, 'lapse', {}, 'system'), []);
    assert.equal((await change('release'))?.claimedBy, null);
    assert.equal(await change('release', { by: 'user:1' }), undefined);
  },
  'changes of a closed job nothing but tags and comments': async (fixture) => {
    const { job, change } = await openJob(fixture);
    await change('claim', { by: 'user:1', lapsesIn: MINUTE });
    await change('snooze', { within: MINUTE });
    await change('complete', DONE);
    const closed = await found(fixture, job);
    fixture.advance(DAY);
    for (const [transition, input] of OF_OPEN_JOBS) {
      assert.equal(await change(transition, input), undefined, transition);
    }
    assert.deepEqual(await found(fixture, job), closed);
  },
  'opens a job that had been claimed, was late or has expired as a new one': async (fixture) => {
    const { job, change } = await openJob(fixture, { dueIn: MINUTE, expiresIn: 2 * MINUTE });
    await change('claim', { by: 'user:1' });
    fixture.advance(MINUTE + 1_000);
    await fixture.jobs.sweep(fixture.connection, 'noticeDue', {}, 'system');
    await change('complete', DONE);
    fixture.advance(2 * MINUTE);
    const open = await change('reopen');
    assert.deepEqual(
      [open?.id, open?.claimedBy, open?.dueNoticedAt, open?.expiresAt, open?.closedBy],
      [job.id, null, null, null, null],
    );
    await change('cancel', { closeReason: 'cancelled', outcome: null });
    assert.equal((await change('reopen', { expiresAt: FAR }))?.expiresAt?.toISOString(), FAR);
  },
  'tells of a job that is late anew when a repeat extends it': async (fixture) => {
    const { change } = await openJob(fixture, { dueIn: MINUTE });
    fixture.advance(2 * MINUTE);
    await fixture.jobs.sweep(fixture.connection, 'noticeDue', {}, 'system');
    const kept = (await requested(fixture, { dueIn: DAY })).job;
    assert.notEqual(kept.dueNoticedAt, null);
    const extended = (await requested(fixture, { dueIn: DAY, expiresIn: DAY, onRepeat: 'extend' })).job;
    assert.deepEqual([extended.dueNoticedAt, extended.expiresAt], [null, null]);
    assert.deepEqual([(await change('setDue', { at: null }))?.dueAt], [null]);
    assert.equal((await requested(fixture, { dueIn: DAY, onRepeat: 'extend' })).job.dueAt, null);
  },
};
