import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from './contract-case.js';
import { listener, soon, started, type Told } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

/** A worker of another process that hears, and has heard of its start. */
async function hearing(fixture: StorageFixture): Promise<Told> {
  const told = listener();
  await started(fixture, told);
  await soon(fixture, 'it knows what operators decided', () => told.events.includes('controls []'));
  told.events.length = 0;
  return told;
}

/**
 * What a wake-up must do: tell workers of this process at once, and those of others soon.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function wakeUpContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'tells every listener of this process, at each wake-up and before it returns': async ({ wakeUp }) => {
      const heard = [0, 0];
      wakeUp.listen(() => (heard[0] = (heard[0] ?? 0) + 1));
      wakeUp.listen(() => (heard[1] = (heard[1] ?? 0) + 1));
      wakeUp.wake();
      assert.deepEqual(heard, [1, 1]);
      wakeUp.wake();
      assert.deepEqual(heard, [2, 2]);
    },
    'goes on telling this process when it has stopped telling others': async ({ wakeUp }) => {
      let heard = 0;
      wakeUp.listen(() => (heard += 1));
      wakeUp.stop();
      wakeUp.stop();
      wakeUp.wake();
      assert.equal(heard, 1);
    },
    'tells workers of other processes that there is work': async (fixture) => {
      const told = await hearing(fixture);
      fixture.wakeUp.wake();
      await soon(fixture, 'the other worker is woken', () => told.events.includes('wake'));
    },
    'tells them of every wake-up of several in a row, or of a later one': async (fixture) => {
      const told = await hearing(fixture);
      for (let times = 0; times < 5; times += 1) fixture.wakeUp.wake();
      await soon(fixture, 'the other worker is woken', () => told.events.includes('wake'));
      const before = told.events.length;
      fixture.wakeUp.wake();
      await soon(fixture, 'the other worker is woken again', () => told.events.length > before);
    },
    'tells them that deliveries were handed back': async (fixture) => {
      const told = await hearing(fixture);
      fixture.wakeUp.handedBack();
      await soon(fixture, 'the other worker looks', () => told.events.includes('wake'));
    },
  });
}
