import assert from 'node:assert/strict';
import { eventActor } from '../../jobs/model/principal.js';
import type { EventStanding } from '../../jobs/store/trigger-store.port.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { emitted, event } from './contract-support.js';
import { ADA, changed, DONE, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEW: EventStanding = { applied: false, met: false, stale: false, next: null };
const OTHER = { ...ADA, targetId: '8' };

/** An event that may be about Ada. */
async function occurred(fixture: StorageFixture): Promise<string> {
  const [id = ''] = await emitted(fixture, fixture.connection, event('account.verified', { retain: 30 * DAY }));
  return id;
}

const standing = (
  { triggers, connection }: StorageFixture,
  id: string,
  { subject = ADA, action = 'completed' }: { subject?: typeof ADA; action?: 'completed' | 'cancelled' } = {},
): Promise<EventStanding> => triggers.standing(connection, subject, id, action, DAY);

/**
 * What a store of triggers must do: tell how an event stands to the jobs it is about, so that one that is delivered again does no more.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function triggerStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'knows nothing of a subject without jobs, nor of an event there never was': async (fixture) => {
      assert.deepEqual(await standing(fixture, await occurred(fixture)), NEW);
      assert.deepEqual(await standing(fixture, '999999999'), NEW);
    },
    'knows an event that has closed a job, and every one before it': async (fixture) => {
      const { job } = await requested(fixture);
      const [first, second, third] = [await occurred(fixture), await occurred(fixture), await occurred(fixture)];
      await changed(fixture, fixture.connection, 'complete', job, DONE, eventActor(second));
      const applied = async (id: string, of = {}): Promise<boolean> => (await standing(fixture, id, of)).applied;
      assert.deepEqual([await applied(first), await applied(second), await applied(third)], [true, true, false]);
      assert.equal(await applied(second, { action: 'cancelled' }), false);
      assert.equal(await applied(second, { subject: OTHER }), false);
    },
    'takes nobody else for an event': async (fixture) => {
      const { job } = await requested(fixture);
      const id = await occurred(fixture);
      await changed(fixture, fixture.connection, 'complete', job, DONE, `user:${id}`);
      assert.equal((await standing(fixture, id)).applied, false);
    },
    'knows that a job was closed since the event, by whatever': async (fixture) => {
      const { job } = await requested(fixture);
      const before = await occurred(fixture);
      assert.equal((await standing(fixture, before)).met, false);
      fixture.advance(HOUR);
      await changed(fixture, fixture.connection, 'complete', job, DONE);
      fixture.advance(HOUR);
      const after = await occurred(fixture);
      const met = async (id: string, of = {}): Promise<boolean> => (await standing(fixture, id, of)).met;
      assert.deepEqual([await met(before), await met(after)], [true, false]);
      assert.equal(await met(before, { subject: OTHER }), false);
    },
    'takes no job that was requested after the event for one that it met': async (fixture) => {
      const id = await occurred(fixture);
      fixture.advance(HOUR);
      const { job } = await requested(fixture);
      await changed(fixture, fixture.connection, 'complete', job, DONE);
      assert.equal((await standing(fixture, id)).met, false);
    },
    'finds the first job that was requested after the event': async (fixture) => {
      await requested(fixture, { key: 'before' });
      const id = await occurred(fixture);
      await requested(fixture, { ...OTHER });
      assert.equal((await standing(fixture, id)).next, null);
      const first = await requested(fixture, { key: 'first' });
      await requested(fixture, { key: 'second' });
      assert.equal((await standing(fixture, id)).next, first.job.id);
    },
    'takes an event for stale beyond the limit': async (fixture) => {
      const id = await occurred(fixture);
      fixture.advance(DAY - HOUR);
      assert.equal((await standing(fixture, id)).stale, false);
      fixture.advance(2 * HOUR);
      assert.equal((await standing(fixture, id)).stale, true);
    },
    'takes an event for stale when a later one is remembered': async (fixture) => {
      const { jobs, connection } = fixture;
      const [first, second, third] = [await occurred(fixture), await occurred(fixture), await occurred(fixture)];
      await jobs.remember(connection, ADA, { reason: 'event', outcome: null, eventId: second }, DAY);
      const stale = async (id: string, of = {}): Promise<boolean> => (await standing(fixture, id, of)).stale;
      assert.deepEqual([await stale(first), await stale(second), await stale(third)], [true, false, false]);
      assert.equal(await stale(first, { subject: OTHER }), false);
    },
    'knows an event that has requested a job, be it closed since': async (fixture) => {
      const { triggers, connection } = fixture;
      const [id, other] = [await occurred(fixture), await occurred(fixture)];
      const { job } = await requested(fixture, {}, eventActor(id));
      const has = (subject: typeof ADA, by: string): Promise<boolean> => triggers.hasRequested(connection, subject, by);
      assert.deepEqual([await has(ADA, id), await has(ADA, other), await has(OTHER, id)], [true, false, false]);
      await changed(fixture, connection, 'complete', job, DONE, eventActor(other));
      assert.deepEqual([await has(ADA, id), await has(ADA, other)], [true, false]);
    },
  });
}
