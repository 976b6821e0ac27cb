// What enqueueing adds to a business transaction (BEGIN; UPDATE; enqueue; COMMIT), ten at once.
import { metered } from '../harness/meter.mjs';
import { assertCount, onStage } from '../harness/stage.mjs';
import {
  bullmqPostgres,
  bullmqRedis,
  engine,
  floor,
  floorInTypeOrm,
  graphile,
  installed,
  ours,
  pgBoss,
} from '../systems/index.mjs';

const NO_QUEUE = { name: 'no queue, pg', module: 'no-queue', settings: {} };
const NO_QUEUE_IN_TYPEORM = 'no queue, TypeORM';

export const emit = {
  name: 'emit',
  title: 'emit in a business transaction',
  key: 'CPU ms added',
  repeats: 3,
  rows({ others, size }) {
    const count = size(500, 10_000, 20_000);
    const rows = [
      row(NO_QUEUE, { kind: 'base', emit: false, count }),
      row(ours, { kind: 'base', emit: false, count, name: NO_QUEUE_IN_TYPEORM }),
    ];
    rows.push(row(engine, { kind: 'engine', count, base: NO_QUEUE.name }));
    for (const receivers of [1, 3, 10]) {
      const slower = Math.ceil(count / 4 / receivers);
      rows.push(
        row(floor, { kind: kind('floor, pg', receivers), receivers, count, base: NO_QUEUE.name }),
        row(floorInTypeOrm, { kind: kind('floor', receivers), receivers, count, base: NO_QUEUE_IN_TYPEORM }),
        ...[ours, ...others].map((system) =>
          row(system, { kind: kind('ours', receivers), receivers, count, base: NO_QUEUE_IN_TYPEORM }),
        ),
        // What they do for three is three times what they do for one.
        ...installed(receivers === 3 ? [] : [pgBoss, graphile, bullmqRedis, bullmqPostgres]).map((system) =>
          row(system, { kind: kind(peerKind(system), receivers), receivers, count: slower, base: NO_QUEUE.name }),
        ),
      );
    }
    return rows;
  },
  /** Against the same transaction without a queue, in the same round. */
  complete(round) {
    for (const figures of round.values()) {
      const base = round.get(figures.base);
      delete figures.base;
      if (base !== undefined) figures['CPU ms added'] = figures['CPU ms/tx'] - base['CPU ms/tx'];
    }
  },
};

/** What cannot join the transaction is shown, and no peer in what this is about. */
function peerKind({ module }) {
  return module === 'bullmq' ? 'peer, after the commit' : 'peer';
}

/** Ratios are taken with one receiver; what more receivers cost is compared by eye. */
function kind(name, receivers) {
  return receivers === 1 ? name : `${name}, ${receivers} receivers`;
}

function row(system, { kind: rowKind, receivers = 1, count, emit: emits = true, base, name }) {
  return {
    name: name ?? (emits ? `${system.name}, ${receivers} receiver${receivers === 1 ? '' : 's'}` : system.name),
    kind: rowKind,
    measure: (server) =>
      onStage(server, system, async ({ database, url, producer, unfinished }) => {
        const actor = await producer();
        await actor.call('prepare', url, receivers);
        await actor.call('open', url, { receivers });
        const warm = await actor.call('transactions', Math.ceil(count / 4), { emit: emits });
        const run = await metered(server, [actor], () => actor.call('transactions', count, { emit: emits }));
        assertCount('transactions', await database.value('select sum(changes)::int from payment'), count + warm);
        if (emits) assertCount('jobs', await unfinished(), (count + warm) * receivers);
        return {
          base,
          'CPU ms/tx': run.cpu / count,
          'of it client': run.clients / count,
          'tx/s': (count / run.elapsed) * 1000,
          foreign: run.foreign,
          ...run.counted(count, 'tx'),
        };
      }),
  };
}
