import assert from 'node:assert/strict';
import type { ReceiverControl } from '../../engine/receivers/receiver-control.js';
import type { RegisteredReceiver } from '../../engine/receivers/registered-receiver.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { listener, receiver, registered, rolledBack, soon, started } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const paused = (number: number): ReceiverControl => ({ receiver: number, paused: true, concurrency: null });

async function listed({ registration }: StorageFixture, id: string): Promise<RegisteredReceiver | undefined> {
  return (await registration.list(undefined, 100)).find((one) => one.id === id);
}

/**
 * What a store of operators' decisions must do: keep them by receivers' present names, and tell every worker.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function receiverControlStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'pauses and resumes a receiver by its name, and says nothing of others': async (fixture) => {
      const { controls, connection } = fixture;
      const [paid = 0] = await registered(fixture, { paid: ['order.paid'], sent: ['order.sent'] });
      assert.deepEqual(await controls.read(connection), []);
      assert.equal(await controls.pause(connection, 'paid', 'user:1'), true);
      assert.deepEqual(await controls.read(connection), [paused(paid)]);
      assert.equal((await listed(fixture, 'paid'))?.paused, true);
      assert.equal(await controls.resume(connection, 'paid'), true);
      assert.deepEqual(await controls.read(connection), []);
      assert.equal((await listed(fixture, 'paid'))?.pausedBy, null);
    },
    'remembers who paused a receiver first, and since when': async (fixture) => {
      const { controls, connection } = fixture;
      await registered(fixture, { paid: ['order.paid'] });
      await controls.pause(connection, 'paid', 'user:1');
      const first = await listed(fixture, 'paid');
      fixture.advance(60_000);
      assert.equal(await controls.pause(connection, 'paid', 'user:2'), true);
      const again = await listed(fixture, 'paid');
      assert.deepEqual([again?.pausedBy, again?.pausedAt], ['user:1', first?.pausedAt]);
      await controls.resume(connection, 'paid');
      await controls.pause(connection, 'paid', 'user:2');
      const anew = await listed(fixture, 'paid');
      assert.equal(anew?.pausedBy, 'user:2');
      assert((anew.pausedAt?.getTime() ?? 0) > (first?.pausedAt?.getTime() ?? Infinity));
    },
    'sets the number of runs at once, and takes it back': async (fixture) => {
      const { controls, connection } = fixture;
      const [paid = 0, sent = 0] = await registered(fixture, { paid: ['order.paid'], sent: ['order.sent'] });
      assert.equal(await controls.setConcurrency(connection, 'sent', 3), true);
      await controls.pause(connection, 'paid', 'user:1');
      const three = { receiver: sent, paused: false, concurrency: 3 };
      assert.deepEqual(await controls.read(connection), [paused(paid), three]);
      await controls.pause(connection, 'sent', 'user:1');
      assert.deepEqual((await controls.read(connection))[1], { ...three, paused: true });
      assert.equal(await controls.setConcurrency(connection, 'sent', null), true);
      assert.deepEqual(await controls.read(connection), [paused(paid), paused(sent)]);
    },
    'says that there is no such receiver': async (fixture) => {
      const { controls, connection } = fixture;
      await registered(fixture, { paid: ['order.paid'] });
      assert.equal(await controls.pause(connection, 'sent', 'user:1'), false);
      assert.equal(await controls.resume(connection, 'sent'), false);
      assert.equal(await controls.setConcurrency(connection, 'sent', 1), false);
      assert.deepEqual(await controls.read(connection), []);
    },
    'keeps what was decided when a receiver is registered again, and follows it to its new name': async (fixture) => {
      const { controls, connection, registration } = fixture;
      const [number = 0] = await registered(fixture, { old: ['order.paid'] });
      await controls.pause(connection, 'old', 'user:1');
      await registration.register([receiver('new', ['order.paid'], ['old'])]);
      assert.deepEqual(await controls.read(connection), [paused(number)]);
      assert.equal(await controls.resume(connection, 'old'), false);
      assert.equal(await controls.resume(connection, 'new'), true);
    },
    'decides with the transaction it is part of': async (fixture) => {
      const { controls, connection } = fixture;
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const within = await rolledBack(fixture, async (inner) => {
        await controls.pause(inner, 'paid', 'user:1');
        assert.deepEqual(await controls.read(connection), []);
        return controls.read(inner);
      });
      assert.deepEqual([within, await controls.read(connection)], [[paused(number)], []]);
    },
    'tells workers, at their start and when it has changed': async (fixture) => {
      const { controls, connection, wakeUp } = fixture;
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const told = listener();
      await started(fixture, told);
      await soon(fixture, 'nothing is decided', () => told.events.includes('controls []'));
      await controls.pause(connection, 'paid', 'user:1');
      wakeUp.controlsChanged();
      const decided = `controls ${JSON.stringify([paused(number)])}`;
      await soon(fixture, 'the worker knows', () => told.events.includes(decided));
      const other = listener();
      await started(fixture, other);
      await soon(fixture, 'the next worker knows', () => other.events.includes(decided));
    },
  });
}
