import assert from 'node:assert/strict';
import type { ClaimedDelivery } from '../../engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../engine/deliveries/outcome.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { claimed, emitted, event, failure, registered, rolledBack, started, statesOf } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const MINUTE = 60_000;

interface Claimed {
  readonly number: number;
  readonly id: string;
  readonly session: WorkerSession;
  readonly delivery: ClaimedDelivery;
}

/** One delivery, claimed. */
async function oneClaimed(fixture: StorageFixture): Promise<Claimed> {
  const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
  const [id = ''] = await emitted(fixture, fixture.connection, event('order.paid'));
  const session = await started(fixture);
  const [delivery] = await claimed(session, [number]);
  assert(delivery !== undefined, 'nothing was claimed');
  return { number, id, session, delivery };
}

async function settles(fixture: StorageFixture, delivery: ClaimedDelivery, outcome: Outcome): Promise<boolean> {
  const held = await fixture.deliveries.settle(fixture.connection, [{ delivery, outcome }]);
  return held.has(delivery);
}

async function acknowledges(fixture: StorageFixture, delivery: ClaimedDelivery): Promise<boolean> {
  const held = await fixture.deliveries.acknowledge(fixture.connection, [delivery]);
  return held.has(delivery);
}

/** Every way in which a claim ends. */
const OUTCOMES: readonly Outcome[] = [
  { kind: 'postponed', delay: 0, failure: failure() },
  { kind: 'postponed', delay: 0, failure: null },
  { kind: 'interrupted', failure: failure('stopped', 'interrupted') },
  { kind: 'interrupted', failure: null },
  { kind: 'dead', reason: 'failed', failure: failure() },
  { kind: 'discarded', reason: 'not wanted' },
];

/**
 * What a delivery store must do: write each outcome once, and for the claim alone that holds.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function deliveryStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'acknowledges a delivery once, which then is done': async (fixture) => {
      const { id, delivery, number, session } = await oneClaimed(fixture);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'running' });
      assert.equal(await acknowledges(fixture, delivery), true);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'delivered' });
      assert.equal(await acknowledges(fixture, delivery), false);
      assert.equal((await claimed(session, [number])).length, 0);
    },
    'acknowledges with the transaction it is part of': async (fixture) => {
      const { id, delivery } = await oneClaimed(fixture);
      const held = await rolledBack(fixture, (connection) => fixture.deliveries.acknowledge(connection, [delivery]));
      assert.deepEqual([...held], [delivery]);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'running' });
      await fixture.transaction((connection) => fixture.deliveries.acknowledge(connection, [delivery]));
      assert.deepEqual(await statesOf(fixture, id), { paid: 'delivered' });
    },
    'changes nothing for a claim that was followed by another': async (fixture) => {
      const { id, delivery, number, session } = await oneClaimed(fixture);
      assert.equal(await settles(fixture, delivery, { kind: 'interrupted', failure: null }), true);
      const [next] = await claimed(await started(fixture), [number]);
      assert(next !== undefined && next.claims > delivery.claims, 'the number of a claim must grow');
      assert.equal(await acknowledges(fixture, delivery), false);
      for (const outcome of OUTCOMES) assert.equal(await settles(fixture, delivery, outcome), false, outcome.kind);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'running' });
      assert.equal((await claimed(session, [number])).length, 0);
      assert.equal(await acknowledges(fixture, next), true);
    },
    'answers with those of several whose claim held': async (fixture) => {
      const { delivery } = await oneClaimed(fixture);
      const stale = { ...delivery, claims: delivery.claims + 1 };
      const other = { ...delivery, receiver: delivery.receiver + 1 };
      assert.deepEqual(await fixture.deliveries.acknowledge(fixture.connection, [stale, other]), new Set());
      const held = await fixture.deliveries.acknowledge(fixture.connection, [other, delivery]);
      assert.deepEqual([...held], [delivery]);
    },
    'tells the claims of one delivery apart': async (fixture) => {
      const { delivery: old, number } = await oneClaimed(fixture);
      await settles(fixture, old, { kind: 'interrupted', failure: null });
      const [next] = await claimed(await started(fixture), [number]);
      assert(next !== undefined, 'nothing was claimed');
      for (const outcome of OUTCOMES) {
        const held: ReadonlySet<ClaimedDelivery> = await rolledBack(fixture, (connection) =>
          fixture.deliveries.settle(
            connection,
            [old, next].map((delivery) => ({ delivery, outcome })),
          ),
        );
        assert.deepEqual([...held], [next], outcome.kind);
      }
      assert.deepEqual([...(await fixture.deliveries.acknowledge(fixture.connection, [old, next]))], [next]);
    },
    'puts a failed delivery off until its retry, and counts the attempt': async (fixture) => {
      const { id, delivery, number, session } = await oneClaimed(fixture);
      assert.equal(await settles(fixture, delivery, { kind: 'postponed', delay: MINUTE, failure: failure() }), true);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'retrying' });
      assert.equal((await claimed(session, [number])).length, 0);
      fixture.advance(MINUTE + 1_000);
      const [again] = await claimed(session, [number]);
      assert.deepEqual([again?.attempts, again?.interruptions, again?.claims], [1, 0, delivery.claims + 1]);
    },
    'counts no attempt when a receiver asked to be run later': async (fixture) => {
      const { id, delivery, number, session } = await oneClaimed(fixture);
      await settles(fixture, delivery, { kind: 'postponed', delay: MINUTE, failure: null });
      assert.deepEqual(await statesOf(fixture, id), { paid: 'delayed' });
      fixture.advance(MINUTE + 1_000);
      const [again] = await claimed(session, [number]);
      assert.deepEqual([again?.attempts, again?.interruptions], [0, 0]);
    },
    'hands an interrupted delivery back at once and in its place, at no attempt': async (fixture) => {
      const { id, delivery, number } = await oneClaimed(fixture);
      const [later] = await emitted(fixture, fixture.connection, event('order.paid'));
      await settles(fixture, delivery, { kind: 'interrupted', failure: failure('stopped', 'interrupted') });
      const session = await started(fixture);
      const [first] = await claimed(session, [number], { limit: 1 });
      assert.deepEqual([first?.eventId, first?.attempts, first?.interruptions], [id, 0, 1]);
      const [second] = await claimed(session, [number], { limit: 1 });
      assert.equal(second?.eventId, later);
    },
    'counts no interruption of what had not begun': async (fixture) => {
      const { delivery, number } = await oneClaimed(fixture);
      await settles(fixture, delivery, { kind: 'interrupted', failure: null });
      const [again] = await claimed(await started(fixture), [number]);
      assert.deepEqual([again?.attempts, again?.interruptions], [0, 0]);
    },
    'counts an outcome once that is written twice, because its answer was lost': async (fixture) => {
      const { delivery, number } = await oneClaimed(fixture);
      const outcome: Outcome = { kind: 'interrupted', failure: failure('stopped', 'interrupted') };
      await settles(fixture, delivery, outcome);
      assert.equal(await settles(fixture, delivery, outcome), false);
      const session = await started(fixture);
      const [again] = await claimed(session, [number]);
      assert.equal(again?.interruptions, 1);
      const postponed: Outcome = { kind: 'postponed', delay: 0, failure: failure() };
      await settles(fixture, again, postponed);
      assert.equal(await settles(fixture, again, postponed), false);
      fixture.advance(1_000);
      const [last] = await claimed(session, [number]);
      assert.equal(last?.attempts, 1);
    },
    'buries what is given up, with its reason and attempts': async (fixture) => {
      const { id, delivery, number, session } = await oneClaimed(fixture);
      assert.equal(await settles(fixture, delivery, { kind: 'dead', reason: 'it failed', failure: failure() }), true);
      const [letter] = (await fixture.events.status(fixture.connection, id))?.receivers ?? [];
      assert.deepEqual([letter?.state, letter?.reason, letter?.attempts], ['dead', 'it failed', 1]);
      assert.equal((await claimed(session, [number])).length, 0);
    },
    'discards what a receiver gives up, at no attempt': async (fixture) => {
      const { id, delivery } = await oneClaimed(fixture);
      await settles(fixture, delivery, { kind: 'discarded', reason: 'not wanted' });
      const [letter] = (await fixture.events.status(fixture.connection, id))?.receivers ?? [];
      assert.deepEqual([letter?.state, letter?.reason, letter?.attempts], ['discarded', 'not wanted', 0]);
    },
    'settles with the transaction it is part of': async (fixture) => {
      const { id, delivery } = await oneClaimed(fixture);
      for (const outcome of OUTCOMES) {
        await rolledBack(fixture, (connection) => fixture.deliveries.settle(connection, [{ delivery, outcome }]));
        assert.deepEqual(await statesOf(fixture, id), { paid: 'running' }, outcome.kind);
      }
    },
  });
}
