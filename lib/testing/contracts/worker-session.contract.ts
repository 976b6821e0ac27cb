import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from './contract-case.js';
import { claimed, emitted, event, listener, registered, soon, started, statesOf } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const MINUTE = 60_000;

/**
 * What a worker session must do: claim what is ready for whoever is proven, each for one, in the ready order, and leave it when it stops.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function workerSessionContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'is proven once it is started, under an identity of its own': async (fixture) => {
      const [one, other] = [fixture.session(), fixture.session()];
      assert.equal(one.isProven(), false);
      await assert.rejects(one.claim([{ receiver: 1, limit: 1, version: 1 }]));
      const told = listener();
      await one.start(told);
      await other.start(listener());
      await soon(fixture, 'both are proven', () => one.isProven() && other.isProven());
      await soon(fixture, 'it is told', () => told.events.includes('proven'));
      await soon(fixture, 'it knows what operators decided', () => told.events.includes('controls []'));
      assert(one.workerId !== undefined && one.workerId !== other.workerId);
    },
    'claims nothing once it has stopped, and leaves what it held to others, at no interruption': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id] = await emitted(fixture, fixture.connection, event('order.paid'));
      const [one, other] = [await started(fixture), await started(fixture)];
      const [held] = await claimed(one, [number]);
      assert.deepEqual([held?.eventId, (await claimed(other, [number])).length], [id, 0]);
      await one.stop();
      assert.equal(one.isProven(), false);
      await assert.rejects(claimed(one, [number]));
      await soon(fixture, 'it is free', async () => (await statesOf(fixture, id))?.['paid'] === 'waiting');
      const again: string[] = [];
      await soon(fixture, 'the other claims it', async () => {
        for (const delivery of await claimed(other, [number])) {
          assert.deepEqual([delivery.interruptions, delivery.claims], [0, (held?.claims ?? 0) + 1]);
          again.push(delivery.eventId);
        }
        return again.length > 0;
      });
      assert.deepEqual(again, [id]);
    },
    'claims each delivery for one of those who claim at once': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const inputs = Array.from({ length: 30 }, () => event('order.paid'));
      const ids = await emitted(fixture, fixture.connection, ...inputs);
      const [one, other] = [await started(fixture), await started(fixture)];
      const both = await Promise.all([claimed(one, [number], { limit: 15 }), claimed(other, [number], { limit: 15 })]);
      let all = both.flat();
      // Of those that one has locked at that moment, the other may see none.
      if (all.length < ids.length)
        all = [...all, ...(await claimed(one, [number])), ...(await claimed(other, [number]))];
      assert.deepEqual(all.map(({ eventId }) => eventId).sort(), [...ids].sort());
    },
    'claims no more than is asked for, and for the receivers alone that are asked for': async (fixture) => {
      const [paid = 0, other = 0] = await registered(fixture, { paid: ['order.paid'], other: ['order.paid'] });
      await emitted(fixture, fixture.connection, event('order.paid'), event('order.paid'), event('order.paid'));
      const session = await started(fixture);
      const two = await claimed(session, [paid], { limit: 2 });
      assert.deepEqual(
        two.map(({ receiver }) => receiver),
        [paid, paid],
      );
      const rest = await claimed(session, [paid, other]);
      assert.deepEqual(rest.map(({ receiver }) => receiver).sort(), [paid, other, other, other].sort());
    },
    'claims by priority, and within it by the order of transactions before that of ids': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const ids: (string | undefined)[] = [];
      await fixture.transaction(async (first) => {
        ids[1] = (await emitted(fixture, first, event('order.paid')))[0];
        await fixture.transaction(async (second) => {
          ids[3] = (await emitted(fixture, second, event('order.paid')))[0];
        });
        ids[2] = (await emitted(fixture, first, event('order.paid')))[0];
      });
      ids[0] = (await emitted(fixture, fixture.connection, event('order.paid', { priority: 0 })))[0];
      const session = await started(fixture);
      const one: string[] = [];
      for (const _ of ids) one.push(...(await claimed(session, [number], { limit: 1 })).map(({ eventId }) => eventId));
      assert.deepEqual(one, ids);
    },
    'finds what was committed late, though later ones were claimed before': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const session = await started(fixture);
      const late = await fixture.transaction(async (connection) => {
        const [id] = await emitted(fixture, connection, event('order.paid'));
        const [early] = await emitted(fixture, fixture.connection, event('order.paid'));
        assert.deepEqual(
          (await claimed(session, [number])).map(({ eventId }) => eventId),
          [early],
        );
        return id;
      });
      assert.deepEqual(
        (await claimed(session, [number])).map(({ eventId }) => eventId),
        [late],
      );
    },
    'leaves versions alone that the process does not understand': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [old, recent] = await emitted(
        fixture,
        fixture.connection,
        event('order.paid', {}, 1),
        event('order.paid', {}, 2),
      );
      assert.deepEqual(
        (await claimed(await started(fixture), [number], { version: 1 })).map(({ eventId }) => eventId),
        [old],
      );
      // The version is that of a process: one that looked already need not look again at what it passed.
      assert.deepEqual(
        (await claimed(await started(fixture), [number], { version: 2 })).map(({ eventId }) => eventId),
        [recent],
      );
    },
    'claims what is delayed when it is due, behind what was ready before, and says when that is': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const session = await started(fixture);
      const [delayed] = await emitted(fixture, fixture.connection, event('order.paid', { delay: MINUTE }));
      const demand = [{ receiver: number, limit: 1, version: 1 }];
      const early = await session.claim(demand);
      assert.equal(early.deliveries.length, 0);
      assert(early.nextDueIn !== null && early.nextDueIn > 0 && early.nextDueIn <= MINUTE, String(early.nextDueIn));
      const [ready] = await emitted(fixture, fixture.connection, event('order.paid'));
      fixture.advance(MINUTE + 1_000);
      const first = (await session.claim(demand)).deliveries;
      const second = (await session.claim(demand)).deliveries;
      assert.deepEqual(
        [...first, ...second].map(({ eventId }) => eventId),
        [ready, delayed],
      );
      assert.equal((await session.claim(demand)).nextDueIn, null);
    },
  });
}
