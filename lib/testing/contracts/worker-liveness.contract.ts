import assert from 'node:assert/strict';
import type { ClaimedDelivery } from '../../engine/deliveries/claimed-delivery.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import { casesOf, type ContractCase } from './contract-case.js';
import {
  claimed,
  emitted,
  event,
  failure,
  listener,
  registered,
  soon,
  started,
  statesOf,
  type Told,
} from './contract-support.js';
import type { FragileSession } from './fragile-session.js';
import type { StorageFixture } from './storage-fixture.js';

/** A session on a connection that can be cut, started, and what it is told. */
async function fragile(fixture: StorageFixture): Promise<FragileSession & { readonly told: Told }> {
  const told = listener();
  const broken = await fixture.fragile();
  await started({ ...fixture, session: () => broken.session }, told);
  return { ...broken, told };
}

/** What a session is told of its standing. */
function standing({ events }: Told): readonly string[] {
  return events.filter((told) => ['proven', 'unproven', 'fenced'].includes(told));
}

/** Claims one, which may only be free in a while. */
async function claimedSoon(fixture: StorageFixture, session: WorkerSession, number: number): Promise<ClaimedDelivery> {
  const found: ClaimedDelivery[] = [];
  await soon(fixture, 'it is free', async () => {
    found.push(...(await claimed(session, [number], { limit: 1 })));
    return found.length > 0;
  });
  const [first] = found;
  assert(first !== undefined);
  return first;
}

/**
 * What a worker session must do when its connection is lost: keep what it held while nobody took it for dead, and nothing from then on.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function workerLivenessContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'is unproven while its connection is lost, and claims nothing': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      await emitted(fixture, fixture.connection, event('order.paid'));
      const { session, cut, mend, told } = await fragile(fixture);
      cut();
      await soon(fixture, 'it is told', () => told.events.includes('unproven'));
      assert.equal(session.isProven(), false);
      await assert.rejects(claimed(session, [number]));
      mend();
      // The gate opens a moment before claims are taken; a worker goes by what it is told.
      await soon(fixture, 'it is told', () => standing(told).length === 3);
      await soon(fixture, 'it is proven again', () => session.isProven());
      assert.equal((await claimed(session, [number])).length, 1);
    },
    'keeps its identity and what it held when its connection is back in time': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id] = await emitted(fixture, fixture.connection, event('order.paid'));
      const { session, cut, mend, told } = await fragile(fixture);
      const { workerId } = session;
      const held = await claimed(session, [number]);
      cut();
      await soon(fixture, 'it is told', () => told.events.includes('unproven'));
      mend();
      await soon(fixture, 'it is told', () => standing(told).length === 3);
      assert.deepEqual([session.workerId, standing(told)], [workerId, ['proven', 'unproven', 'proven']]);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'running' });
      assert.equal((await claimed(await started(fixture), [number])).length, 0);
      assert.equal((await fixture.deliveries.acknowledge(fixture.connection, held)).size, 1);
    },
    'leaves what it held to others when it dies, in its place and as interrupted': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id] = await emitted(fixture, fixture.connection, event('order.paid'));
      const { session, cut, takenForDead } = await fragile(fixture);
      const other = await started(fixture);
      const [held] = await claimed(session, [number]);
      const [later] = await emitted(fixture, fixture.connection, event('order.paid'));
      cut();
      await takenForDead();
      const again = await claimedSoon(fixture, other, number);
      assert.deepEqual(
        [again.eventId, again.claims, again.attempts, again.interruptions],
        [id, (held?.claims ?? 0) + 1, 0, 1],
      );
      const next = await claimedSoon(fixture, other, number);
      assert.deepEqual([next.eventId, next.interruptions], [later, 0]);
    },
    'is fenced when it was taken for dead, and settles nothing of what it held': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id] = await emitted(fixture, fixture.connection, event('order.paid'));
      const { session, cut, mend, takenForDead, told } = await fragile(fixture);
      const { workerId } = session;
      const other = await started(fixture);
      const held = await claimed(session, [number]);
      cut();
      await takenForDead();
      const again = await claimedSoon(fixture, other, number);
      mend();
      await soon(fixture, 'it is told', () => standing(told).length === 4);
      assert.deepEqual(standing(told), ['proven', 'unproven', 'fenced', 'proven']);
      assert(session.workerId !== undefined && session.workerId !== workerId && session.workerId !== other.workerId);
      const { connection, deliveries } = fixture;
      const [delivery] = held;
      assert(delivery !== undefined);
      assert.equal((await deliveries.acknowledge(connection, held)).size, 0);
      const outcome = { kind: 'dead', reason: 'failed', failure: failure() } as const;
      assert.equal((await deliveries.settle(connection, [{ delivery, outcome }])).size, 0);
      assert.deepEqual(await statesOf(fixture, id), { paid: 'running' });
      assert.equal((await claimed(session, [number])).length, 0);
      assert.equal((await deliveries.acknowledge(connection, [again])).size, 1);
    },
    'buries what was interrupted too often': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const [id = ''] = await emitted(fixture, fixture.connection, event('order.paid'));
      const survivor = await started(fixture);
      for (let times = 1; times <= fixture.maxInterruptions; times += 1) {
        assert.notDeepEqual(await statesOf(fixture, id), { paid: 'dead' });
        const { session, cut, takenForDead } = await fragile(fixture);
        await claimedSoon(fixture, session, number);
        cut();
        await takenForDead();
      }
      const [letter] = (await fixture.events.status(fixture.connection, id))?.receivers ?? [];
      assert.deepEqual([letter?.state, letter?.attempts], ['dead', 0]);
      assert.match(letter?.reason ?? '', new RegExp(`\\b${fixture.maxInterruptions}\\b`));
      assert.equal((await claimed(survivor, [number])).length, 0);
    },
  });
}
