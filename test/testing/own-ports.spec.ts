import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobsModule } from '../../lib/index.js';
import {
  type ClaimedDelivery,
  DeliveryStore,
  deliveryStoreContract,
  type EngineConnection,
  JobsTesting,
  JobsTestingModule,
  memoryFixture,
  MemoryStorage,
  type SettledDelivery,
  type StorageFixture,
  type StoredEvent,
  WakeUp,
  wakeUpContract,
} from '../../lib/testing/index.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { DoorOpened, House, HouseModule } from './support/house.js';

/** A wake-up that somebody else wrote: it tells others by a function. */
class OwnWakeUp extends WakeUp {
  woken = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(private tellOthers: (what: 'wake' | 'controls') => void = () => undefined) {
    super();
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  wake(): void {
    this.woken += 1;
    for (const listener of this.listeners) listener();
    this.tellOthers('wake');
  }

  handedBack(): void {
    this.tellOthers('wake');
  }

  controlsChanged(): void {
    this.tellOthers('controls');
  }

  stop(): void {
    this.tellOthers = () => undefined;
  }
}

/** A delivery store that somebody else wrote around another one: it keeps what was settled. */
class OwnDeliveryStore extends DeliveryStore {
  readonly settled: string[] = [];

  constructor(private readonly store: DeliveryStore) {
    super();
  }

  readEvents(connection: EngineConnection, ids: readonly string[]): Promise<StoredEvent[]> {
    return this.store.readEvents(connection, ids);
  }

  async acknowledge(
    connection: EngineConnection,
    deliveries: readonly ClaimedDelivery[],
  ): Promise<Set<ClaimedDelivery>> {
    const held = await this.store.acknowledge(connection, deliveries);
    this.settled.push(...[...held].map(() => 'acknowledged'));
    return held;
  }

  async settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<ClaimedDelivery>> {
    const held = await this.store.settle(connection, settled);
    this.settled.push(...settled.map(({ outcome }) => outcome.kind));
    return held;
  }
}

describe('T4: a wake-up of somebody else', () => {
  describe('fulfils the contract', () => {
    const create = async (): Promise<StorageFixture> => {
      const storage = new MemoryStorage();
      const { sessions } = storage;
      const wakeUp = new OwnWakeUp((what) => (what === 'wake' ? sessions.wake() : sessions.controlsChanged()));
      return { ...memoryFixture(storage), wakeUp };
    };
    for (const { name, run } of wakeUpContract(create)) it(name, run);
  });

  it('is bound by an override, and the application goes by it', async () => {
    const database = await TestDatabase.create();
    const own = new OwnWakeUp();
    const app = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot(typeormOptions(database)),
        JobsModule.forRoot(),
        HouseModule,
        JobsTestingModule.forRoot({ mode: 'inline' }),
      ],
    })
      .overrideProvider(WakeUp)
      .useValue(own)
      .compile();
    await app.init();
    const jobs = app.get(JobsTesting);
    await jobs.emit(new DoorOpened('front'));
    await jobs.settled();
    expect([app.get(House).heard, own.woken > 0]).toEqual([['lamp front', 'dog front 1', 'moth front'], true]);
    await app.close();
    await database.drop();
  });
});

describe('T4: a delivery store of somebody else', () => {
  describe('fulfils the contract', () => {
    const create = async (): Promise<StorageFixture> => {
      const fixture = memoryFixture();
      return { ...fixture, deliveries: new OwnDeliveryStore(fixture.deliveries) };
    };
    for (const { name, run } of deliveryStoreContract(create)) it(name, run);
  });

  it('is bound by an override, and the application goes by it', async () => {
    const memory = new MemoryStorage();
    const own = new OwnDeliveryStore(memoryFixture(memory).deliveries);
    const builder = Test.createTestingModule({
      imports: [memory.typeOrm(), JobsModule.forRoot(), HouseModule, JobsTestingModule.forRoot()],
    });
    const app = await memory.replaceStorage(builder).overrideProvider(DeliveryStore).useValue(own).compile();
    app.useLogger(false);
    await app.init();
    app.get(House).failures = 1;
    const jobs = app.get(JobsTesting);
    await jobs.emit(new DoorOpened('front'));
    await jobs.drain();
    expect(own.settled.sort()).toEqual(['acknowledged', 'acknowledged', 'postponed']);
    await app.close();
  });
});
