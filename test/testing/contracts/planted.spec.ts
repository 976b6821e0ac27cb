import type { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { EmitInput } from '../../../lib/engine/deliveries/emit-input.js';
import type { AppendedEvent } from '../../../lib/engine/deliveries/event-store.port.js';
import type { SettledDelivery } from '../../../lib/engine/deliveries/outcome.js';
import type { WorkerSession } from '../../../lib/engine/liveness/worker-session.js';
import type { Receiver } from '../../../lib/engine/receivers/receiver.js';
import type { Job } from '../../../lib/jobs/model/job.js';
import type { JobChange, JobRequestInput, RequestedRecord } from '../../../lib/jobs/store/job-store.port.js';
import { memoryFixture, MemoryStorage, type StorageFixture } from '../../../lib/testing/index.js';
import { MemoryDeliveryStore } from '../../../lib/testing/memory/engine/memory-delivery-store.js';
import { MemoryEventStore } from '../../../lib/testing/memory/engine/memory-event-store.js';
import { MemoryRegistrationStore } from '../../../lib/testing/memory/engine/memory-registration-store.js';
import { MemoryWakeUp } from '../../../lib/testing/memory/engine/memory-wake-up.js';
import { MemoryJobStore } from '../../../lib/testing/memory/jobs/memory-job-store.js';
import { CONTRACTS } from './contracts.js';

type Plant = (storage: MemoryStorage, sound: StorageFixture) => Partial<StorageFixture>;

/** Acknowledges whatever claim there is. */
class Unfenced extends MemoryDeliveryStore {
  constructor(private readonly storage: MemoryStorage) {
    super(storage.database);
  }

  override acknowledge(connection: EngineConnection, deliveries: readonly ClaimedDelivery[]): Promise<Set<string>> {
    return super.acknowledge(
      connection,
      deliveries.map((delivery) => ({
        ...delivery,
        claims: this.storage.database.deliveries.rows.get(`${delivery.eventId}.${delivery.receiver}`)?.claims ?? 0,
      })),
    );
  }
}

/** Takes a deploy for a failure. */
class CountingInterruptions extends MemoryDeliveryStore {
  override settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<string>> {
    return super.settle(
      connection,
      settled.map(({ delivery, outcome }) => ({
        delivery,
        outcome: outcome.kind === 'interrupted' ? { kind: 'postponed', delay: 0, failure: outcome.failure } : outcome,
      })),
    );
  }
}

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

/** Requests a job however often it is asked for. */
class Doubling extends MemoryJobStore {
  override request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Promise<RequestedRecord> {
    return super.request(connection, { ...input, uniqueness: 'none' }, actor, note);
  }
}

/** Changes jobs past the transaction it is given. */
class Committing extends MemoryJobStore {
  constructor(
    storage: MemoryStorage,
    private readonly other: EngineConnection,
  ) {
    super(storage.database);
  }

  override change(_: EngineConnection, change: JobChange): Promise<Job[]> {
    return super.change(this.other, change);
  }
}

/** Lets everybody have a turn at once. */
class Turnless extends MemoryJobStore {
  override async takeTurns(): Promise<void> {
    // Nobody waits.
  }
}

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

/** The same but for some methods. */
function changed<Part extends object>(part: Part, methods: Partial<Part>): Part {
  return new Proxy(part, {
    get: (target, property) => {
      const value: unknown = Reflect.get(property in methods ? methods : target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const PLANTS: readonly (readonly [contract: string, what: string, plant: Plant, found: RegExp])[] = [
  [
    'delivery store',
    'has no fence',
    (storage) => ({ deliveries: new Unfenced(storage) }),
    /changes nothing for a claim/,
  ],
  [
    'delivery store',
    'counts a deploy as a failure',
    ({ database }) => ({ deliveries: new CountingInterruptions(database) }),
    /at no attempt/,
  ],
  [
    'event store',
    'writes past the transaction',
    (storage, { connection }) => ({ events: new Apart(storage, connection) }),
    /nothing before the commit/,
  ],
  [
    'event store',
    'ignores deduplication keys',
    ({ database }) => ({ events: new Repeating(database) }),
    /one event for a deduplication key/,
  ],
  [
    'registration store',
    'knows no former names',
    ({ database }) => ({ registration: new Nameless(database) }),
    /goes on under a new name/,
  ],
  ['job store', 'requests what is open', ({ database }) => ({ jobs: new Doubling(database) }), /once while it is open/],
  [
    'job store',
    'changes past the transaction',
    (storage, { connection }) => ({ jobs: new Committing(storage, connection) }),
    /nothing of what was rolled back/,
  ],
  ['job store', 'has nobody take turns', ({ database }) => ({ jobs: new Turnless(database) }), /wait for each other/],
  [
    'wake-up',
    'tells no other process',
    () => ({ wakeUp: new MemoryWakeUp({ wake: () => undefined, controlsChanged: () => undefined }) }),
    /workers of other processes/,
  ],
  [
    'worker session',
    'claims by ids',
    (_, sound) => ({ session: () => byId(sound.session()) }),
    /order of transactions/,
  ],
  [
    'worker session',
    'keeps what it held',
    (_, sound) => ({ session: () => changed(sound.session(), { stop: async () => undefined }) }),
    /leaves what it held/,
  ],
  [
    'clock',
    'moves no more than once',
    ({ clock }, { advance }) => ({ advance: (by) => clock.offset === 0 && advance(by) }),
    /moves by what it is told/,
  ],
];

describe('A contract', () => {
  it.each(PLANTS)('of a %s is not fulfilled by one that %s', async (kind, _, plant, found) => {
    const [, contract] = CONTRACTS.find(([name]) => name === kind) ?? [];
    const cases = contract?.(async () => {
      const storage = new MemoryStorage();
      const sound = { ...memoryFixture(storage), patience: 200 };
      return { ...sound, ...plant(storage, sound) };
    });
    const failed: string[] = [];
    for (const { name, run } of cases ?? []) await run().catch(() => failed.push(name));
    expect(failed).toContainEqual(expect.stringMatching(found));
    // A contract that fails at everything says nothing about what is wrong.
    expect(failed.length).toBeLessThan(cases?.length ?? 0);
  });
});
