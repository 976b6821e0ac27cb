import assert from 'node:assert/strict';
import { UnroutedEventError } from '../../errors/unrouted-event.error.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { claimed, emitted, event, isWaiting, registered, rolledBack, started, statesOf } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const HOUR = 3_600_000;
const KEY = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const once = (deduplication: string): { deduplication: string; deduplicationWindow: number } => ({
  deduplication,
  deduplicationWindow: HOUR,
});

/**
 * What an event store must do: fan out, write with the transaction of whoever emits, and take deduplication keys once.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function eventStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'fans an event out to every receiver of its name or of a wildcard over it, once, and to no other': async (
      fixture,
    ) => {
      await registered(fixture, {
        named: ['order.paid'],
        wild: ['order.*', '*'],
        other: ['order.sent', 'orders.*'],
      });
      const [written] = await fixture.events.append(fixture.connection, [event('order.paid')], false);
      assert.equal(written?.receivers, 2);
      assert.deepEqual(await statesOf(fixture, written.id), { named: 'waiting', wild: 'waiting' });
    },
    'reaches receivers that are registered after an event was emitted': async (fixture) => {
      await registered(fixture, { first: ['order.paid'] });
      await emitted(fixture, fixture.connection, event('order.paid'));
      await registered(fixture, { second: ['order.*'] });
      const [id] = await emitted(fixture, fixture.connection, event('order.paid'));
      assert.deepEqual(await statesOf(fixture, id), { first: 'waiting', second: 'waiting' });
    },
    'answers in the order of the events, with ids that grow': async (fixture) => {
      await registered(fixture, { paid: ['order.paid'] });
      const written = await fixture.events.append(
        fixture.connection,
        [event('order.paid'), event('order.sent'), event('order.paid')],
        false,
      );
      assert.deepEqual(
        written.map(({ receivers, created }) => [receivers, created]),
        [
          [1, true],
          [0, true],
          [1, true],
        ],
      );
      const ids = written.map(({ id }) => BigInt(id));
      assert.deepEqual(
        [...ids].sort((a, b) => (a < b ? -1 : 1)),
        ids,
      );
    },
    'shows nothing before the commit, and nothing ever after a rollback': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const session = await started(fixture);
      const visible = async (id: string | undefined): Promise<unknown> => [
        await statesOf(fixture, id),
        (await claimed(session, [number])).length,
      ];
      const gone = await rolledBack(fixture, async (connection) => {
        const [id] = await emitted(fixture, connection, event('order.paid'));
        assert.notEqual(await fixture.events.status(connection, id ?? ''), null, 'its own transaction sees it');
        assert.deepEqual(await visible(id), [null, 0]);
        return id;
      });
      assert.deepEqual(await visible(gone), [null, 0]);
      const [kept] = await fixture.transaction((connection) => emitted(fixture, connection, event('order.paid')));
      assert.deepEqual(await visible(kept), [{ paid: 'waiting' }, 1]);
    },
    'keeps everything that was said of an event': async (fixture) => {
      const options = { headers: { a: 'b' }, correlationId: 'c', tenant: 't', key: 'k', keyLane: 3 };
      const [id = ''] = await emitted(fixture, fixture.connection, event('order.paid', options, 7));
      const [stored] = await fixture.deliveries.readEvents(fixture.connection, [id]);
      assert(stored !== undefined);
      const { payload, createdAt, ...rest } = stored;
      assert.deepEqual(JSON.parse(payload), { orderId: 7 });
      assert.equal((await fixture.events.status(fixture.connection, id))?.emittedAt.getTime(), createdAt.getTime());
      const { keyLane: _, ...said } = options;
      assert.deepEqual(rest, { id, name: 'order.paid', version: 7, deliveries: 0, ...said });
    },
    'writes nothing at all when unrouted events are refused and one is among them': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const inputs = [event('order.paid', once(KEY)), event('invoice.paid')];
      await assert.rejects(fixture.events.append(fixture.connection, inputs, true), UnroutedEventError);
      assert.equal((await claimed(await started(fixture), [number])).length, 0);
      const [free] = await fixture.events.append(fixture.connection, [event('order.paid', once(KEY))], true);
      assert.equal(free?.created, true);
    },
    'writes one event for a deduplication key while it is taken': async (fixture) => {
      await registered(fixture, { paid: ['order.paid'] });
      const append = async (key: string): Promise<unknown[]> => {
        const [one] = await fixture.events.append(fixture.connection, [event('order.paid', once(key))], false);
        return [one?.id, one?.created];
      };
      const [first] = await append(KEY);
      assert.deepEqual(await append(KEY), [first, false]);
      assert.notEqual((await append(OTHER))[0], first);
      fixture.advance(HOUR + 1);
      const [later, created] = await append(KEY);
      assert.equal(created, true);
      assert.notEqual(later, first);
    },
    'writes the first of those that share a key in one call': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const inputs = [event('order.paid', once(KEY)), event('order.paid', once(KEY)), event('order.paid')];
      const written = await fixture.events.append(fixture.connection, inputs, false);
      assert.deepEqual(
        written.map(({ created }) => created),
        [true, false, true],
      );
      assert.equal(written[1]?.id, written[0]?.id);
      assert.equal((await claimed(await started(fixture), [number])).length, 2);
    },
    'frees a key whose transaction rolls back': async (fixture) => {
      await rolledBack(fixture, (connection) => emitted(fixture, connection, event('order.paid', once(KEY))));
      const [written] = await fixture.events.append(fixture.connection, [event('order.paid', once(KEY))], false);
      assert.equal(written?.created, true);
    },
    'lets whoever wants a key wait for the transaction that has it': async (fixture) => {
      const input = event('order.paid', once(KEY));
      const { first, second } = await fixture.transaction(async (connection) => {
        const [id] = await emitted(fixture, connection, input);
        const waiting = fixture.events.append(fixture.connection, [input], false);
        assert(await isWaiting(waiting), 'it did not wait');
        return { first: id, second: waiting };
      });
      assert.deepEqual(
        (await second).map(({ id, created }) => [id, created]),
        [[first, false]],
      );
    },
    'says when deliveries are due': async (fixture) => {
      await registered(fixture, { paid: ['order.paid'] });
      const [later] = await emitted(fixture, fixture.connection, event('order.paid', { delay: HOUR }));
      const [past] = await emitted(
        fixture,
        fixture.connection,
        event('order.paid', { runAt: new Date(0).toISOString() }),
      );
      const [state] = (await fixture.events.status(fixture.connection, later ?? ''))?.receivers ?? [];
      const emittedAt = (await fixture.events.status(fixture.connection, later ?? ''))?.emittedAt.getTime() ?? 0;
      assert.equal(state?.state, 'delayed');
      assert((state.dueAt?.getTime() ?? 0) >= emittedAt + HOUR);
      assert.deepEqual(await statesOf(fixture, past), { paid: 'waiting' });
    },
    'knows nothing of events that never were': async (fixture) => {
      assert.equal(await fixture.events.status(fixture.connection, '999999999'), null);
      assert.deepEqual(await fixture.deliveries.readEvents(fixture.connection, ['999999999']), []);
    },
  });
}
