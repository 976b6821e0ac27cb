import assert from 'node:assert/strict';
import type { PurgedBatch } from '../../engine/maintenance/maintenance-store.port.js';
import { casesOf, type ContractCase } from './contract-case.js';
import { claimed, emitted, event, failure, registered, started, statesOf } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MANY = 700;

/** Purges until nothing may be left, and answers with how many it were. */
async function purged(batch: () => Promise<PurgedBatch>): Promise<number> {
  let sum = 0;
  for (let full = true; full;) {
    const one = await batch();
    sum += one.purged;
    full = one.full;
  }
  return sum;
}

const kept = async ({ events, connection }: StorageFixture, id: string | undefined): Promise<boolean> =>
  (await events.status(connection, id ?? '0')) !== null;

/**
 * What a maintenance store must do: purge what nobody needs any longer and nothing else, and find what nobody runs.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function maintenanceStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'purges events whose retention is over, and no others': async (fixture) => {
      const { maintenance, connection } = fixture;
      const [short, long] = await emitted(
        fixture,
        connection,
        event('order.paid', { retain: HOUR }),
        event('order.paid', { retain: 3 * HOUR }),
      );
      assert.equal(await purged(() => maintenance.purgeEvents()), 0);
      fixture.advance(2 * HOUR);
      assert.equal(await purged(() => maintenance.purgeEvents()), 1);
      assert.deepEqual([await kept(fixture, short), await kept(fixture, long)], [false, true]);
    },
    'keeps events to which a delivery refers, until it is done': async (fixture) => {
      const { maintenance, connection, deliveries } = fixture;
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id] = await emitted(fixture, connection, event('order.paid', { retain: HOUR }));
      fixture.advance(2 * HOUR);
      assert.equal(await purged(() => maintenance.purgeEvents()), 0);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'waiting' });
      await deliveries.acknowledge(connection, await claimed(await started(fixture), [number]));
      fixture.advance(2 * DAY);
      assert.equal(await purged(() => maintenance.purgeEvents()), 1);
      assert.equal(await kept(fixture, id), false);
    },
    'keeps events of dead letters, and not those of discarded ones': async (fixture) => {
      const { maintenance, connection, deliveries } = fixture;
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const inputs = [event('order.paid', { retain: HOUR }), event('order.paid', { retain: HOUR })];
      const [dead, discarded] = await emitted(fixture, connection, ...inputs);
      for (const delivery of await claimed(await started(fixture), [number])) {
        const outcome =
          delivery.eventId === dead
            ? ({ kind: 'dead', reason: 'failed', failure: failure() } as const)
            : ({ kind: 'discarded', reason: 'not wanted' } as const);
        await deliveries.settle(connection, [{ delivery, outcome }]);
      }
      fixture.advance(2 * HOUR);
      assert.equal(await purged(() => maintenance.purgeEvents()), 1);
      assert.deepEqual([await kept(fixture, dead), await kept(fixture, discarded)], [true, false]);
      fixture.advance(30 * DAY);
      assert.equal(await purged(() => maintenance.purgeEvents()), 0);
      assert.equal(await kept(fixture, dead), true);
    },
    'purges everything in the end, in as many batches as it takes': async (fixture) => {
      const { maintenance, connection } = fixture;
      await emitted(fixture, connection, ...Array.from({ length: MANY }, () => event('order.paid', { retain: HOUR })));
      fixture.advance(2 * HOUR);
      assert.equal(await purged(() => maintenance.purgeEvents()), MANY);
      assert.equal(await purged(() => maintenance.purgeEvents()), 0);
    },
    'purges each event once, by one of those who purge at once': async (fixture) => {
      const { maintenance, connection } = fixture;
      await emitted(fixture, connection, ...Array.from({ length: 50 }, () => event('order.paid', { retain: HOUR })));
      fixture.advance(2 * HOUR);
      const both = await Promise.all([maintenance.purgeEvents(), maintenance.purgeEvents()]);
      const sum = both.reduce((count, one) => count + one.purged, 0);
      assert.equal(sum + (await purged(() => maintenance.purgeEvents())), 50);
    },
    'frees deduplication keys whose window is over, and no others': async (fixture) => {
      const { maintenance, connection } = fixture;
      const once = (digit: string, deduplicationWindow: number): ReturnType<typeof event> =>
        event('order.paid', { deduplication: digit.repeat(64), deduplicationWindow });
      await emitted(fixture, connection, once('a', HOUR), once('b', 3 * HOUR));
      assert.equal(await purged(() => maintenance.purgeDeduplication()), 0);
      fixture.advance(2 * HOUR);
      assert.equal(await purged(() => maintenance.purgeDeduplication()), 1);
      const [free, taken] = await fixture.events.append(connection, [once('a', HOUR), once('b', HOUR)], false);
      assert.deepEqual([free?.created, taken?.created], [true, false]);
    },
    'finds receivers with ready deliveries which no living worker has': async (fixture) => {
      const { maintenance, connection, directory } = fixture;
      const [paid = 0] = await registered(fixture, { sent: ['order.sent'], paid: ['order.paid'] }).then(
        ([sent = 0, number = 0]) => [number, sent],
      );
      await emitted(
        fixture,
        connection,
        event('order.paid'),
        event('order.paid'),
        event('order.sent', { delay: HOUR }),
      );
      assert.deepEqual(await maintenance.orphans(), [{ name: 'paid', waiting: 2 }]);
      const session = await started(fixture);
      await directory.announce(session.workerId ?? 0, [{ number: paid, version: 1 }]);
      assert.deepEqual(await maintenance.orphans(), []);
    },
    'forgets no worker that lives': async (fixture) => {
      const { maintenance, connection, directory } = fixture;
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const session = await started(fixture);
      await directory.announce(session.workerId ?? 0, [{ number, version: 1 }]);
      fixture.advance(30 * DAY);
      await maintenance.purgeWorkers();
      await emitted(fixture, connection, event('order.paid'));
      assert.deepEqual(await maintenance.orphans(), []);
      assert.equal((await claimed(session, [number])).length, 1);
    },
  });
}
