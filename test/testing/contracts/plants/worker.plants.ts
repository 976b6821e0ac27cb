import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { WorkerSession } from '../../../../lib/engine/liveness/worker-session.js';
import { MemoryWakeUp } from '../../../../lib/testing/memory/engine/memory-wake-up.js';
import { changed, type Plant } from './plant.js';

/** Claims by ids instead of the order of transactions. */
function byId(session: WorkerSession): WorkerSession {
  const waiting: ClaimedDelivery[] = [];
  const claim: WorkerSession['claim'] = async (demands) => {
    const { deliveries, nextDueIn } = await session.claim(demands.map((demand) => ({ ...demand, limit: 100 })));
    waiting.push(...deliveries);
    waiting.sort((a, b) => a.priority - b.priority || Number(a.eventId) - Number(b.eventId));
    return { deliveries: waiting.splice(0, demands[0]?.limit), nextDueIn };
  };
  return changed(session, { claim });
}

export const workerPlants: readonly Plant[] = [
  {
    contract: 'wake-up',
    what: 'tells no other process',
    plant: () => ({ wakeUp: new MemoryWakeUp({ wake: () => undefined, controlsChanged: () => undefined }) }),
    found: /workers of other processes/,
  },
  {
    contract: 'worker session',
    what: 'claims by ids',
    plant: (_, sound) => ({ session: () => byId(sound.session()) }),
    found: /order of transactions/,
  },
  {
    contract: 'worker session',
    what: 'keeps what it held',
    plant: (_, sound) => ({ session: () => changed(sound.session(), { stop: async () => undefined }) }),
    found: /leaves what it held/,
  },
  {
    contract: 'clock',
    what: 'moves no more than once',
    plant: ({ clock }, { advance }) => ({ advance: (by) => clock.offset === 0 && advance(by) }),
    found: /moves by what it is told/,
  },
];
