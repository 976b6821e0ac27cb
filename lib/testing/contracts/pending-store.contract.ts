import assert from 'node:assert/strict';
import { FIRST, type PendingRow } from '../../jobs/store/pending-store.port.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { rolledBack } from './contract-support.js';
import { ADA, changed, DONE, requested } from './job-support.js';
import type { StorageFixture } from './storage-fixture.js';

const HOUR = 3_600_000;

/** Every page of the pending jobs of Ada's type, by ids. */
async function pages({ pending, connection }: StorageFixture, limit: number, age = 0): Promise<readonly string[][]> {
  const all: string[][] = [];
  for (let after: PendingRow | undefined = FIRST; after !== undefined;) {
    const page: readonly PendingRow[] = await pending.page(connection, ADA.type, after, limit, age);
    if (page.length > 0) all.push(page.map(({ id }) => id));
    after = page.at(-1);
  }
  return all;
}

/**
 * What a store of pending jobs must do: find them, oldest first, page by page.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function pendingStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'finds the pending jobs of a type, oldest first, page by page, and each once': async (fixture) => {
      const ids: string[] = [];
      for (const key of ['a', 'b', 'c', 'd', 'e']) ids.push((await requested(fixture, { key, targetId: key })).job.id);
      await requested(fixture, { type: 'account.close' });
      const [one = '', two = '', three = '', four = '', five = ''] = ids;
      assert.deepEqual(await pages(fixture, 2), [[one, two], [three, four], [five]]);
      assert.deepEqual(await pages(fixture, 5), [ids]);
    },
    'finds none that was closed': async (fixture) => {
      const { job } = await requested(fixture);
      const other = await requested(fixture, { key: 'other' });
      await changed(fixture, fixture.connection, 'complete', job, DONE);
      assert.deepEqual(await pages(fixture, 5), [[other.job.id]]);
    },
    'goes on where it was, though the last of the page was closed': async (fixture) => {
      const first = await requested(fixture, { key: 'a' });
      const second = await requested(fixture, { key: 'b' });
      const [last] = await fixture.pending.page(fixture.connection, ADA.type, FIRST, 1, 0);
      assert.equal(last?.id, first.job.id);
      await changed(fixture, fixture.connection, 'complete', first.job, DONE);
      const [next] = await fixture.pending.page(fixture.connection, ADA.type, last, 1, 0);
      assert.equal(next?.id, second.job.id);
    },
    'finds none that is younger than asked for': async (fixture) => {
      const old = await requested(fixture, { key: 'old' });
      fixture.advance(2 * HOUR);
      await requested(fixture, { key: 'young' });
      assert.deepEqual(await pages(fixture, 5, HOUR), [[old.job.id]]);
      assert.deepEqual(await pages(fixture, 5, 3 * HOUR), []);
    },
    'finds the pending jobs about a target, of whatever type and tenant': async (fixture) => {
      const ids: string[] = [];
      for (const given of [{}, { type: 'account.close' }, { tenant: 'acme' }, { key: 'other' }])
        ids.push((await requested(fixture, given)).job.id);
      await requested(fixture, { targetId: '8' });
      await requested(fixture, { targetType: 'Order' });
      const closed = await requested(fixture, { key: 'closed' });
      await changed(fixture, fixture.connection, 'complete', closed.job, DONE);
      const target = { type: ADA.targetType, id: ADA.targetId };
      assert.deepEqual(await fixture.pending.ofTarget(fixture.connection, target), ids);
    },
    'finds what its own transaction requested, and nobody else': async (fixture) => {
      const seen = await rolledBack(fixture, async (connection) => {
        await requested({ ...fixture, connection });
        assert.deepEqual(await pages(fixture, 5), []);
        const target = { type: ADA.targetType, id: ADA.targetId };
        return [
          (await fixture.pending.page(connection, ADA.type, FIRST, 5, 0)).length,
          (await fixture.pending.ofTarget(connection, target)).length,
        ];
      });
      assert.deepEqual([seen, await pages(fixture, 5)], [[1, 1], []]);
    },
  });
}
