import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import {
  type DeliveryContext,
  JobsModule,
  JobsService,
  JobType,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';
import {
  jobsMatchers,
  JobsTesting,
  type JobsTestingMode,
  JobsTestingModule,
  MemoryStorage,
} from '../../lib/testing/index.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

expect.extend(jobsMatchers);

@ReliableEvent('door.opened')
class DoorOpened {
  constructor(readonly door: string) {}
}

@ReliableEvent('light.lit')
class LightLit {
  constructor(readonly door: string) {}
}

@JobType('door.close', { expiresIn: '1d' })
class CloseDoor {}

@Injectable()
class House {
  readonly heard: string[] = [];
  failures = 0;

  constructor(
    private readonly events: ReliableEvents,
    private readonly jobs: JobsService,
  ) {}

  @OnReliableEvent(DoorOpened, { id: 'lamp', transactional: true })
  async lamp({ door }: DoorOpened, { manager }: TransactionalContext): Promise<void> {
    await this.events.emit(new LightLit(door), { manager });
    await this.jobs.request(CloseDoor, { target: { type: 'door', id: door }, manager });
    this.heard.push(`lamp ${door}`);
  }

  @OnReliableEvent(DoorOpened, { id: 'dog', retry: { attempts: 2, delay: '10m', jitter: 0 } })
  dog({ door }: DoorOpened, { attempt }: DeliveryContext): void {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('asleep');
    }
    this.heard.push(`dog ${door} ${attempt}`);
  }

  @OnReliableEvent(LightLit, { id: 'moth' })
  moth({ door }: LightLit): void {
    this.heard.push(`moth ${door}`);
  }
}

@Module({ providers: [House, CloseDoor] })
class HouseModule {}

/** The house in the hands of a test. */
interface HouseUnderTest {
  readonly app: TestingModule;
  close(): Promise<void>;
}

async function onPostgres(mode: JobsTestingMode): Promise<HouseUnderTest> {
  const database = await TestDatabase.create();
  const app = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRoot(typeormOptions(database)),
      JobsModule.forRoot(),
      HouseModule,
      JobsTestingModule.forRoot({ mode }),
    ],
  }).compile();
  return {
    app,
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

async function inMemory(mode: JobsTestingMode): Promise<HouseUnderTest> {
  const memory = new MemoryStorage();
  const builder = Test.createTestingModule({
    imports: [memory.typeOrm(), JobsModule.forRoot(), HouseModule, JobsTestingModule.forRoot({ mode })],
  });
  const app = await memory.replaceStorage(builder).compile();
  return { app, close: () => app.close() };
}

describe.each([
  ['on PostgreSQL', onPostgres],
  ['in memory', inMemory],
])('the kit %s', (_, start) => {
  let house: HouseUnderTest;
  let jobs: JobsTesting;
  let heard: string[];

  async function boot(mode: JobsTestingMode): Promise<void> {
    house = await start(mode);
    house.app.useLogger(false);
    await house.app.init();
    jobs = house.app.get(JobsTesting);
    ({ heard } = house.app.get(House));
  }

  const open = async (door: string, { fail = false } = {}): Promise<void> =>
    house.app.get(DataSource).transaction(async (manager: EntityManager) => {
      await house.app.get(ReliableEvents).emit(new DoorOpened(door), { manager });
      if (fail) throw new Error('locked');
    });

  describe('mode manual', () => {
    beforeAll(() => boot('manual'));
    afterAll(() => house.close());
    beforeEach(() => {
      jobs.clear();
      heard.length = 0;
    });

    it('drains, one or all, in order', async () => {
      await open('front');
      expect(heard).toEqual([]);
      expect(await jobs.runNext()).toMatchObject({ receiver: 'lamp', outcome: 'succeeded' });
      expect((await jobs.drain()).map(({ receiver }) => receiver)).toEqual(['dog', 'moth']);
      expect(await jobs.runNext()).toBeUndefined();
      expect(heard).toEqual(['lamp front', 'dog front 1', 'moth front']);
      expect(jobs).toHaveRequested(CloseDoor, { target: { type: 'door', id: 'front' } });
    });

    it('leaves the rest to the next drain', async () => {
      await open('back');
      expect(await jobs.drain({ until: () => true })).toHaveLength(1);
      expect(await jobs.drain({ recursion: false })).toHaveLength(2);
    });

    it('knows nothing of what was rolled back', async () => {
      await expect(open('front', { fail: true })).rejects.toThrow('locked');
      expect(await jobs.drain()).toEqual([]);
      expect(jobs).not.toHaveEmitted(DoorOpened);
    });

    it('tells what was delivered, and with what outcome', async () => {
      house.app.get(House).failures = 1;
      await open('side');
      expect(jobs).not.toHaveDelivered(DoorOpened);
      expect(() => expect(jobs).toHaveDelivered(DoorOpened)).toThrow('Expected door.opened to have been delivered');
      await jobs.drain();
      expect(jobs).toHaveDelivered(DoorOpened, { door: 'side' }, { to: 'lamp' });
      expect(jobs).not.toHaveDelivered(DoorOpened, undefined, { to: 'dog' });
      expect(jobs).toHaveDelivered(DoorOpened, undefined, { to: 'dog', outcome: 'retried' });
      expect(() => expect(jobs).not.toHaveDelivered(DoorOpened, undefined, { to: 'lamp' })).toThrow('not at all');
      jobs.clock.advance('9m');
      expect(await jobs.drain()).toEqual([]);
      jobs.clock.advance('2m');
      expect(await jobs.drain()).toMatchObject([{ receiver: 'dog', attempt: 2, outcome: 'succeeded' }]);
    });

    it('moves time: delays, dates and expiry', async () => {
      await jobs.drain();
      await house.app.get(ReliableEvents).emit(new LightLit('attic'), { delay: '2h' });
      expect(await jobs.drain()).toEqual([]);
      expect(await jobs.drain({ withDelayed: true })).toMatchObject([{ receiver: 'moth' }]);
      await jobs.clock.travelTo(new Date('2041-01-01T00:00:00Z'));
      expect((await jobs.clock.now()).toISOString()).toMatch(/^2041-01-01T00:0/);
      expect((await jobs.sweep()).expired).toBeGreaterThan(0);
      expect(jobs.facts('expired', CloseDoor).length).toBeGreaterThan(0);
      expect(await jobs.purge()).toBeGreaterThan(0);
    });

    it('delivers to one receiver alone', async () => {
      const run = await jobs.deliver('moth', new LightLit('cellar'), { attempt: 2 });
      expect([run.outcome, heard]).toEqual(['succeeded', ['moth cellar']]);
    });
  });

  it('mode inline runs receivers at the commit, and their errors are seen', async () => {
    await boot('inline');
    await open('front');
    await jobs.settled();
    expect(heard).toEqual(['lamp front', 'dog front 1', 'moth front']);
    await expect(open('back', { fail: true })).rejects.toThrow('locked');
    await jobs.settled();
    expect(heard).toHaveLength(3);
    house.app.get(House).failures = 1;
    await open('side');
    await expect(jobs.settled()).rejects.toThrow('asleep');
    await house.close();
  });

  it('mode recording runs nothing', async () => {
    await boot('recording');
    await open('front');
    expect(jobs).toHaveEmitted(DoorOpened, { door: 'front' }, { times: 1, receivers: 2 });
    await expect(jobs.drain()).rejects.toThrow("mode 'recording'");
    expect(heard).toEqual([]);
    await house.close();
  });
});

it('in memory there is no transaction to roll back, and the remedy is told', async () => {
  const { app, close } = await inMemory('manual');
  await app.init();
  await expect(app.get(JobsTesting).startTransaction()).rejects.toThrow('give each test a new MemoryStorage');
  await close();
});
