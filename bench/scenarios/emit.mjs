// What enqueueing adds to a business transaction (BEGIN; UPDATE; enqueue; COMMIT), ten at once.
import { metered } from '../harness/meter.mjs';
import { assertCount, onStage } from '../harness/stage.mjs';
import { floor, graphile, installed, ours, pgBoss, unfinished } from '../systems/index.mjs';

const NO_QUEUE = { name: 'no queue, pg', module: 'no-queue', settings: {} };
export const emit = {
  name: 'emit',
  title: 'emit in a business transaction',
  key: 'CPU ms added',
  repeats: 5,
  rows({ others, quick }) {
    const count = quick ? 500 : 5000;
    const rows = [
      row(NO_QUEUE, { kind: 'base', emit: false, count }),
      row(ours, { kind: 'base', emit: false, count, name: 'no queue, TypeORM' }),
    ];
    for (const receivers of [1, 3, 10]) {
      rows.push(
        row(floor, { kind: kind('floor', receivers), receivers, count, base: NO_QUEUE.name }),
        ...[ours, ...others].map((system) =>
          row(system, { kind: kind('ours', receivers), receivers, count, base: 'no queue, TypeORM' }),
        ),
        ...installed([pgBoss, graphile]).map((system) =>
          row(system, {
            kind: kind('peer', receivers),
            receivers,
            count: Math.ceil(count / 4 / receivers),
            base: NO_QUEUE.name,
          }),
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

/** Ratios are taken with one receiver; what more receivers cost is compared by eye. */
function kind(name, receivers) {
  return receivers === 1 ? name : `${name}, ${receivers} receivers`;
}

function row(system, { kind: rowKind, receivers = 1, count, emit: emits = true, base, name }) {
  return {
    name: name ?? (emits ? `${system.name}, ${receivers} receiver${receivers === 1 ? '' : 's'}` : system.name),
    kind: rowKind,
    measure: (server) =>
      onStage(server, system, async ({ database, url, producer }) => {
        const actor = await producer();
        await actor.call('prepare', url, receivers);
        await actor.call('open', url, { receivers });
        const warm = await actor.call('transactions', Math.ceil(count / 5), { emit: emits });
        const run = await metered(server, [actor], () => actor.call('transactions', count, { emit: emits }));
        assertCount('transactions', await database.value('select sum(changes)::int from payment'), count + warm);
        if (emits) assertCount('jobs', await database.value(unfinished[system.module]), (count + warm) * receivers);
        return {
          base,
          'CPU ms/tx': run.cpu / count,
          'of it client': run.clients / count,
          'tx/s': (count / run.elapsed) * 1000,
          foreign: run.foreign,
        };
      }),
  };
}
