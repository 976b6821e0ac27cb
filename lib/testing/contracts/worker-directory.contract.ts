import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from './contract-case.js';
import { emitted, event, registered, soon, started } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const NOBODY = 999_999;

interface Directed {
  readonly paid: { readonly number: number; readonly version: number };
  readonly sent: { readonly number: number; readonly version: number };
  readonly orphans: () => Promise<readonly string[]>;
}

/** Two receivers with a ready delivery each. */
async function directed(fixture: StorageFixture): Promise<Directed> {
  const [paid = 0, sent = 0] = await registered(fixture, { paid: ['order.paid'], sent: ['order.sent'] });
  await emitted(fixture, fixture.connection, event('order.paid'), event('order.sent'));
  return {
    paid: { number: paid, version: 1 },
    sent: { number: sent, version: 1 },
    orphans: async () => (await fixture.maintenance.orphans()).map(({ name }) => name),
  };
}

/**
 * What a directory of workers must do: say which receivers the living have.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function workerDirectoryContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'says which receivers a worker has, and what it has no longer': async (fixture) => {
      const { paid, sent, orphans } = await directed(fixture);
      const { workerId = 0 } = await started(fixture);
      assert.deepEqual(await orphans(), ['paid', 'sent']);
      await fixture.directory.announce(workerId, [paid]);
      assert.deepEqual(await orphans(), ['sent']);
      await fixture.directory.announce(workerId, [sent]);
      assert.deepEqual(await orphans(), ['paid']);
      await fixture.directory.announce(workerId, []);
      assert.deepEqual(await orphans(), ['paid', 'sent']);
    },
    'knows what each of several workers has': async (fixture) => {
      const { paid, sent, orphans } = await directed(fixture);
      const [one, other] = [await started(fixture), await started(fixture)];
      await fixture.directory.announce(one.workerId ?? 0, [paid]);
      await fixture.directory.announce(other.workerId ?? 0, [paid, sent]);
      assert.deepEqual(await orphans(), []);
      await other.stop();
      await soon(fixture, 'nobody has the one', async () => (await orphans()).join() === 'sent');
    },
    'forgets a worker that was taken for dead': async (fixture) => {
      const { paid, sent, orphans } = await directed(fixture);
      const { session, cut, takenForDead } = await fixture.fragile();
      await started({ ...fixture, session: () => session });
      const { workerId = 0 } = await started(fixture);
      await fixture.directory.announce(session.workerId ?? 0, [paid, sent]);
      await fixture.directory.announce(workerId, [sent]);
      assert.deepEqual(await orphans(), []);
      cut();
      await takenForDead();
      assert.deepEqual(await orphans(), ['paid']);
    },
    'takes no notice of a worker there never was': async (fixture) => {
      const { paid, orphans } = await directed(fixture);
      await fixture.directory.announce(NOBODY, [paid]);
      assert.deepEqual(await orphans(), ['paid', 'sent']);
    },
  });
}
