import type { EngineConnection } from '../../../../lib/engine/database/engine-connection.js';
import type { EmitInput } from '../../../../lib/engine/deliveries/emit-input.js';
import type { AppendedEvent } from '../../../../lib/engine/deliveries/event-store.port.js';
import type { Receiver } from '../../../../lib/engine/receivers/receiver.js';
import type { MemoryStorage } from '../../../../lib/testing/index.js';
import { MemoryEventStore } from '../../../../lib/testing/memory/engine/memory-event-store.js';
import { MemoryRegistrationStore } from '../../../../lib/testing/memory/engine/memory-registration-store.js';
import type { Plant } from './plant.js';

/** Writes on a connection of its own. */
class Apart extends MemoryEventStore {
  constructor(
    storage: MemoryStorage,
    private readonly other: EngineConnection,
  ) {
    super(storage.database);
  }

  override append(_: EngineConnection, inputs: readonly EmitInput[], refuse: boolean): Promise<AppendedEvent[]> {
    return super.append(this.other, inputs, refuse);
  }
}

/** Takes no deduplication keys. */
class Repeating extends MemoryEventStore {
  override append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuse: boolean,
  ): Promise<AppendedEvent[]> {
    const unkeyed = inputs.map((input) => {
      const { deduplication: _key, deduplicationWindow: _window, ...options } = input.options;
      return { ...input, options };
    });
    return super.append(connection, unkeyed, refuse);
  }
}

/** Knows no former names. */
class Nameless extends MemoryRegistrationStore {
  override register(receivers: readonly Receiver[]): ReturnType<MemoryRegistrationStore['register']> {
    return super.register(receivers.map((receiver) => Object.assign(receiver, { aliases: [] })));
  }
}

export const eventPlants: readonly Plant[] = [
  {
    contract: 'event store',
    what: 'writes past the transaction',
    plant: (storage, { connection }) => ({ events: new Apart(storage, connection) }),
    found: /nothing before the commit/,
  },
  {
    contract: 'event store',
    what: 'ignores deduplication keys',
    plant: ({ database }) => ({ events: new Repeating(database) }),
    found: /one event for a deduplication key/,
  },
  {
    contract: 'registration store',
    what: 'knows no former names',
    plant: ({ database }) => ({ registration: new Nameless(database) }),
    found: /goes on under a new name/,
  },
];
