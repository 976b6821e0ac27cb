import assert from 'node:assert/strict';
import type { RegisteredReceiver } from '../../engine/receivers/registered-receiver.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { emitted, event, numberOf, receiver, statesOf } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

async function listed({ registration }: StorageFixture, id: string): Promise<RegisteredReceiver | undefined> {
  return (await registration.list(undefined, 100)).find((one) => one.id === id);
}

/** The receivers an event of a name goes to now. */
async function reached(fixture: StorageFixture, name: string): Promise<readonly string[]> {
  const [id] = await emitted(fixture, fixture.connection, event(name));
  return Object.keys((await statesOf(fixture, id)) ?? {}).sort();
}

/**
 * What a registration store must do: give each receiver one number for as long as it is known, under whatever name.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function registrationStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'gives each receiver a number, and the same one however often it is registered': async (fixture) => {
      const { registration } = fixture;
      const [paid, sent] = [receiver('paid', ['order.paid']), receiver('sent', ['order.sent'])];
      const numbers = await registration.register([paid, sent]);
      assert.notEqual(numberOf(numbers, paid), numberOf(numbers, sent));
      const again = await registration.register([sent, paid]);
      assert.equal(numberOf(again, paid), numberOf(numbers, paid));
      assert.equal(numberOf(await registration.find([paid]), paid), numberOf(numbers, paid));
      assert.equal((await registration.list(undefined, 100)).length, 2);
    },
    'finds what is registered without registering anything': async (fixture) => {
      assert.equal((await fixture.registration.find([receiver('paid', ['order.paid'])])).size, 0);
      assert.deepEqual(await fixture.registration.list(undefined, 100), []);
      assert.equal((await fixture.registration.register([])).size, 0);
    },
    'registers receivers of processes that start at once, each once': async (fixture) => {
      const { registration } = fixture;
      await Promise.all(
        [1, 2, 3].map(() => registration.register([receiver('paid', ['order.paid']), receiver('sent', ['order.*'])])),
      );
      assert.deepEqual(
        (await registration.list(undefined, 100)).map(({ id }) => id),
        ['paid', 'sent'],
      );
      assert.deepEqual(await reached(fixture, 'order.paid'), ['paid', 'sent']);
    },
    'adds what a receiver listens to, and keeps what other processes know of it': async (fixture) => {
      const { registration } = fixture;
      await registration.register([receiver('paid', ['order.paid'])]);
      await registration.register([receiver('paid', ['order.sent'])]);
      assert.deepEqual(
        (await listed(fixture, 'paid'))?.subscriptions.map(({ pattern }) => pattern),
        ['order.paid', 'order.sent'],
      );
    },
    'keeps the highest version that any process understands': async (fixture) => {
      const { registration } = fixture;
      const versionAfter = async (version: number | null): Promise<number | null | undefined> => {
        await registration.register([receiver('paid', [{ pattern: 'order.paid', version }])]);
        return (await listed(fixture, 'paid'))?.subscriptions[0]?.version;
      };
      assert.deepEqual([await versionAfter(2), await versionAfter(1), await versionAfter(3)], [2, 2, 3]);
      assert.deepEqual([await versionAfter(null), await versionAfter(4)], [null, null]);
    },
    'goes on under a new name, with the number of the old one': async (fixture) => {
      const { registration } = fixture;
      const [before, after] = [receiver('old', ['order.paid']), receiver('new', ['order.paid'], ['old'])];
      const number = numberOf(await registration.register([before]), before);
      assert.equal(numberOf(await registration.register([after]), after), number);
      assert.deepEqual(
        (await registration.list(undefined, 100)).map(({ id, formerNames }) => [id, formerNames]),
        [['new', ['old']]],
      );
      // A process of the previous deploy finds it, and does not bring the old name back.
      assert.equal(numberOf(await registration.register([before]), before), number);
      assert.deepEqual(await reached(fixture, 'order.paid'), ['new']);
    },
    'knows an alias that nobody has registered, for a process of the deploy before that comes later': async (
      fixture,
    ) => {
      const { registration } = fixture;
      const [before, after] = [receiver('old', ['order.paid']), receiver('new', ['order.paid'], ['old'])];
      const number = numberOf(await registration.register([after]), after);
      assert.equal(numberOf(await registration.register([before]), before), number);
      assert.deepEqual(await reached(fixture, 'order.paid'), ['new']);
    },
    'goes on as the one that stays where both names are registered': async (fixture) => {
      const { registration } = fixture;
      const both = [receiver('new', ['order.paid']), receiver('old', ['order.paid'])];
      await registration.register(both);
      const merged = receiver('new', ['order.paid'], ['old']);
      const numbers = await registration.register([merged]);
      assert.equal(numbers.size, 2, 'what was written under the other name runs here');
      assert.deepEqual(await reached(fixture, 'order.paid'), ['new']);
    },
    'ends the fan-out to a receiver that is retired, until it is registered again': async (fixture) => {
      const { registration, connection } = fixture;
      const paid = receiver('paid', ['order.paid']);
      const number = numberOf(await registration.register([paid]), paid);
      assert.equal(await registration.retire(connection, 'nobody'), false);
      assert.equal(await registration.retire(connection, 'paid'), true);
      assert.deepEqual([(await listed(fixture, 'paid'))?.retired, await reached(fixture, 'order.paid')], [true, []]);
      assert.equal(numberOf(await registration.register([paid]), paid), number);
      assert.deepEqual(
        [(await listed(fixture, 'paid'))?.retired, await reached(fixture, 'order.paid')],
        [false, ['paid']],
      );
    },
    'retires with the transaction it is part of': async (fixture) => {
      await fixture.registration.register([receiver('paid', ['order.paid'])]);
      await assert.rejects(
        fixture.transaction(async (connection) => {
          await fixture.registration.retire(connection, 'paid');
          throw new Error('rolled back');
        }),
      );
      assert.deepEqual(
        [(await listed(fixture, 'paid'))?.retired, await reached(fixture, 'order.paid')],
        [false, ['paid']],
      );
    },
    'lists receivers by their names, page by page': async (fixture) => {
      const { registration } = fixture;
      await registration.register(['c', 'a', 'b'].map((id) => receiver(id, [`${id}.x`])));
      const page = async (after: string | undefined): Promise<readonly string[]> =>
        (await registration.list(after, 2)).map(({ id }) => id);
      assert.deepEqual([await page(undefined), await page('b'), await page('c')], [['a', 'b'], ['c'], []]);
    },
  });
}
