import assert from 'node:assert/strict';
import type { ActivityCounts } from '../../engine/activity/activity-counts.js';
import { casesOf, type ContractCase } from './contract-case.js';
import type { StorageFixture } from './storage-fixture.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const COUNTS = { succeeded: 5, failed: 4, dead: 3, interrupted: 2, milliseconds: 1_000 } as const;
const NAMES = Object.keys(COUNTS) as readonly (keyof ActivityCounts)[];

/** The same counts so many times. */
function times(factor: number): ActivityCounts {
  const [succeeded = 0, failed = 0, dead = 0, interrupted = 0, milliseconds = 0] = NAMES.map(
    (name) => COUNTS[name] * factor,
  );
  return { succeeded, failed, dead, interrupted, milliseconds };
}

/** All that was recorded of a receiver: a minute may have gone by between two calls. */
async function sum(fixture: StorageFixture, receiver: number, worker?: number): Promise<ActivityCounts> {
  const all = (await fixture.recorded(receiver)).filter((one) => worker === undefined || one.worker === worker);
  const [succeeded = 0, failed = 0, dead = 0, interrupted = 0, milliseconds = 0] = NAMES.map((name) =>
    all.reduce((before, one) => before + one[name], 0),
  );
  return { succeeded, failed, dead, interrupted, milliseconds };
}

/**
 * What a store of activity must do: add up what runs led to, by receiver, worker and minute.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function activityStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'adds to what was recorded before': async (fixture) => {
      await fixture.activity.record(1, 0, new Map([[7, COUNTS]]));
      assert.deepEqual(await sum(fixture, 7), times(1));
      await fixture.activity.record(1, 3, new Map([[7, COUNTS]]));
      assert.deepEqual(await sum(fixture, 7), times(2));
    },
    'keeps receivers and workers apart': async (fixture) => {
      await fixture.activity.record(
        1,
        0,
        new Map([
          [7, COUNTS],
          [8, times(2)],
        ]),
      );
      await fixture.activity.record(2, 0, new Map([[7, times(3)]]));
      assert.deepEqual([await sum(fixture, 7, 1), await sum(fixture, 7, 2)], [times(1), times(3)]);
      assert.deepEqual([await sum(fixture, 8), await sum(fixture, 9)], [times(2), times(0)]);
    },
    'keeps minutes apart, by the time of the clock': async (fixture) => {
      await fixture.activity.record(1, 0, new Map([[7, COUNTS]]));
      fixture.advance(2 * MINUTE);
      await fixture.activity.record(1, 0, new Map([[7, COUNTS]]));
      const minutes = (await fixture.recorded(7)).map(({ minute }) => minute.getTime()).sort();
      assert.equal(minutes.length, 2);
      assert.deepEqual(
        minutes.map((minute) => minute % MINUTE),
        [0, 0],
      );
    },
    'loses nothing of what is recorded at once': async (fixture) => {
      const both = new Map([
        [7, COUNTS],
        [8, COUNTS],
      ]);
      await Promise.all(Array.from({ length: 10 }, () => fixture.activity.record(1, 0, both)));
      assert.deepEqual([await sum(fixture, 7), await sum(fixture, 8)], [times(10), times(10)]);
    },
    'takes no runs for none': async (fixture) => {
      await fixture.activity.record(1, 0, new Map());
      assert.deepEqual(await fixture.recorded(7), []);
    },
    'is forgotten after a day, and not before': async (fixture) => {
      await fixture.activity.record(1, 0, new Map([[7, COUNTS]]));
      fixture.advance(DAY);
      await fixture.activity.record(1, 0, new Map([[7, times(2)]]));
      assert.equal((await fixture.maintenance.purgeActivity()).purged, 0);
      fixture.advance(DAY / 6);
      assert.equal((await fixture.maintenance.purgeActivity()).purged, 1);
      assert.deepEqual(await sum(fixture, 7), times(2));
    },
  });
}
