import type { EngineConnection } from '../../../../lib/engine/database/engine-connection.js';
import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { SettledDelivery } from '../../../../lib/engine/deliveries/outcome.js';
import type { MemoryStorage } from '../../../../lib/testing/index.js';
import { MemoryDeliveryStore } from '../../../../lib/testing/memory/engine/memory-delivery-store.js';
import type { Plant } from './plant.js';

/** Acknowledges whatever claim there is. */
export class Unfenced extends MemoryDeliveryStore {
  constructor(private readonly storage: MemoryStorage) {
    super(storage.database);
  }

  override async acknowledge(
    connection: EngineConnection,
    deliveries: readonly ClaimedDelivery[],
  ): Promise<Set<ClaimedDelivery>> {
    await super.acknowledge(
      connection,
      deliveries.map((delivery) => ({
        ...delivery,
        claims: this.storage.database.deliveries.rows.get(`${delivery.eventId}.${delivery.receiver}`)?.claims ?? 0,
      })),
    );
    return new Set(deliveries);
  }
}

/** Takes a deploy for a failure. */
class CountingInterruptions extends MemoryDeliveryStore {
  override settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<ClaimedDelivery>> {
    return super.settle(
      connection,
      settled.map(({ delivery, outcome }) => ({
        delivery,
        outcome: outcome.kind === 'interrupted' ? { kind: 'postponed', delay: 0, failure: outcome.failure } : outcome,
      })),
    );
  }
}

export const deliveryPlants: readonly Plant[] = [
  {
    contract: 'delivery store',
    what: 'has no fence',
    plant: (storage) => ({ deliveries: new Unfenced(storage) }),
    found: /changes nothing for a claim/,
  },
  {
    contract: 'delivery store',
    what: 'counts a deploy as a failure',
    plant: ({ database }) => ({ deliveries: new CountingInterruptions(database) }),
    found: /at no attempt/,
  },
];
