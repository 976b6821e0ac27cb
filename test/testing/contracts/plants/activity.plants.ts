import type { ActivityCounts } from '../../../../lib/engine/activity/activity-counts.js';
import type { ActivityStore } from '../../../../lib/engine/activity/activity-store.port.js';
import { activityKey } from '../../../../lib/testing/memory/engine/activity-key.js';
import { changed, type Plant } from './plant.js';

const contract = 'activity store';
const NONE: ActivityCounts = { succeeded: 0, failed: 0, dead: 0, interrupted: 0, milliseconds: 0 };

type Record = ActivityStore['record'];

function recording(record: (sound: Record) => Record): Plant['plant'] {
  return (_, { activity }) => ({
    activity: changed(activity, { record: record((...given) => activity.record(...given)) }),
  });
}

export const activityPlants: readonly Plant[] = [
  {
    contract,
    what: 'puts new counts in the place of the old',
    plant: ({ database }, { activity }) => ({
      activity: changed(activity, {
        record: (...given) => {
          database.activity.rows.clear();
          return activity.record(...given);
        },
      }),
    }),
    found: /adds to what was recorded before/,
  },
  {
    contract,
    what: 'takes one worker for another',
    plant: recording((record) => (_worker, inFlight, counts) => record(1, inFlight, counts)),
    found: /keeps receivers and workers apart/,
  },
  {
    contract,
    what: 'takes one minute for another',
    plant: ({ database: { activity: table } }, { activity }) => ({
      activity: changed(activity, {
        record: async (...given) => {
          await activity.record(...given);
          const rows = [...table.rows.values()];
          table.rows.clear();
          for (const row of rows) {
            const one = { ...row, minute: new Date(0) };
            table.rows.set(activityKey(one), one);
          }
        },
      }),
    }),
    found: /keeps minutes apart/,
  },
  {
    contract,
    what: 'adds to what it read a while ago',
    plant: ({ database: { activity: table } }, { activity }) => ({
      activity: changed(activity, {
        record: async (...given) => {
          const read = new Map(table.rows);
          await new Promise((resolve) => setImmediate(resolve));
          table.rows.clear();
          for (const [key, row] of read) table.rows.set(key, row);
          await activity.record(...given);
        },
      }),
    }),
    found: /loses nothing of what is recorded at once/,
  },
  {
    contract,
    what: 'keeps a row for nothing',
    plant: recording(
      (record) => (worker, inFlight, counts) =>
        record(worker, inFlight, counts.size === 0 ? new Map([[7, NONE]]) : counts),
    ),
    found: /takes no runs for none/,
  },
];
