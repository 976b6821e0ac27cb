// What is left when all deliveries of an event are done is deleted later; that belongs to what a delivery costs.
import pg from 'pg';

import { metered } from '../harness/meter.mjs';
import { assertCount, onStage, preload } from '../harness/stage.mjs';
import { floor, ours } from '../systems/index.mjs';

const BATCH = 500;

export const purge = {
  name: 'purge',
  title: 'the later deletion of an event',
  key: 'CPU ms/event',
  repeats: 1,
  rows({ size }) {
    const count = size(10_000, 50_000, 500_000);
    return [
      row(floor, 'floor', count, {
        done: 'truncate delivery',
        statement: async () =>
          `delete from event where id in (select id from event order by id limit ${BATCH} for update skip locked)`,
        left: 'select count(*)::int from event',
      }),
      row(ours, 'ours', count, {
        done: `truncate jobs_delivery; update jobs_event set retain_until = now() - interval '1 second'`,
        statement: purgeOfOurs,
        left: 'select count(*)::int from jobs_event',
      }),
    ];
  },
};

/** As the engine sends it; only what is built has it. */
async function purgeOfOurs() {
  const { purgeEventsStatement } = await import('../../dist/esm/engine/maintenance/purge.statements.js');
  const { tableNames } = await import('../../dist/esm/engine/schema/table-names.js');
  return purgeEventsStatement(tableNames(undefined)).text.replaceAll('$1', '0');
}

function row(system, kind, count, { done, statement, left }) {
  return {
    name: system.name,
    kind,
    measure: (server) =>
      onStage(server, system, async (stage) => {
        await preload(stage, count);
        for (const query of done.split(';')) await stage.database.query(query);
        await stage.database.settle();
        const text = await statement();
        const client = new pg.Client(stage.url);
        await client.connect();
        const run = await metered(server, [], async () => {
          for (let n = 0; n < count; n += BATCH) await client.query({ name: 'purge', text });
        });
        await client.end();
        assertCount('events', await stage.database.value(left), 0);
        return {
          'CPU ms/event': run.database / count,
          foreign: run.foreign,
          ...run.counted(count, 'event'),
        };
      }),
  };
}
