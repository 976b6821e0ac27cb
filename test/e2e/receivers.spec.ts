import { ConsoleLogger, Injectable, Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  JobsModule,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  Receivers,
  registerReceivers,
} from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('parcel.sent', { version: 2 })
class ParcelSent {
  constructor(readonly parcelId: string) {}
}

const handled: string[] = [];

@Injectable()
class Tracking {
  @OnReliableEvent(ParcelSent, { id: 'tracking.on-parcel-sent' })
  track(event: ParcelSent): void {
    handled.push(event.parcelId);
  }

  @OnReliableEvent('parcel.*', { id: 'tracking.audit', aliases: ['tracking.log'] })
  audit(): void {
    handled.push('audited');
  }
}

const LISTED = [
  {
    id: 'tracking.audit',
    formerNames: ['tracking.log'],
    subscriptions: [{ pattern: 'parcel.*', version: null }],
    registeredAt: expect.any(Date),
    retired: false,
    retiredAt: null,
    paused: false,
    pausedAt: null,
    pausedBy: null,
    concurrency: null,
  },
  {
    id: 'tracking.on-parcel-sent',
    formerNames: [],
    subscriptions: [{ pattern: 'parcel.sent', version: 2 }],
    registeredAt: expect.any(Date),
    retired: false,
    retiredAt: null,
    paused: false,
    pausedAt: null,
    pausedBy: null,
    concurrency: null,
  },
];

describe('Receivers', () => {
  let database: TestDatabase;
  let application: TestApplication | undefined;

  beforeEach(async () => {
    database = await TestDatabase.create();
    handled.length = 0;
  });
  afterEach(async () => {
    await application?.close();
    application = undefined;
    await database.drop();
  });

  async function start(jobs: JobsModuleOptions = {}): Promise<Receivers> {
    application = await TestApplication.start(database, { providers: [Tracking], jobs });
    return application.context.get(Receivers, { strict: false });
  }

  it('lists what a started application has registered', async () => {
    const receivers = await start({ worker: false });
    expect(await receivers.list()).toEqual(LISTED);
  });

  it('lists in parts', async () => {
    const receivers = await start({ worker: false });
    const first = await receivers.list({ limit: 1 });
    const second = await receivers.list({ limit: 1, after: first[0]!.id });
    expect([...first, ...second]).toEqual(LISTED);
  });

  it.each<[object, string]>([
    [{ limit: 0 }, 'Receivers.list: option limit must be an integer'],
    [{ limit: 1001 }, 'Receivers.list: option limit must be an integer'],
    [{ after: 7 }, 'Receivers.list: option after must be the id of a receiver'],
    [{ first: 3 }, 'first'],
  ])('refuses to list by %j', async (options, message) => {
    const receivers = await start({ worker: false });
    await expect(receivers.list(options)).rejects.toThrow(message);
  });

  it('stops the fan-out to a retired receiver, and no other', async () => {
    const receivers = await start();
    await receivers.retire('tracking.on-parcel-sent', { actor: 'user:1' });
    await application!.events.emit(new ParcelSent('p1'));
    await application!.drained();
    expect(handled).toEqual(['audited']);
  });

  it('are not recorded by a process that was told not to', async () => {
    const receivers = await start({ register: false, worker: false });
    expect(await receivers.list()).toEqual([]);
  });

  it('run in a process that was told not to record them, once another one did', async () => {
    const other = await TestApplication.start(database, { providers: [Tracking], jobs: { worker: false } });
    await other.close();
    await start({ register: false });
    await application!.events.emit(new ParcelSent('p2'));
    await application!.drained();
    expect(handled.sort()).toEqual(['audited', 'p2']);
  });

  it('are recorded when asked for in a process that was told not to', async () => {
    const receivers = await start({ register: false, worker: false });
    await receivers.register();
    expect(await receivers.list()).toEqual(LISTED);
  });
});

describe('registerReceivers', () => {
  let database: TestDatabase;
  const life: string[] = [];

  @Injectable()
  class Life implements OnApplicationBootstrap {
    onApplicationBootstrap(): void {
      life.push('started');
    }

    onApplicationShutdown(): void {
      life.push('ended');
    }
  }

  beforeEach(async () => {
    database = await TestDatabase.create();
    life.length = 0;
  });
  afterEach(() => database.drop());

  function root(jobs: JobsModuleOptions = {}, synchronize = true): new () => object {
    @Module({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          autoLoadEntities: true,
          synchronize,
          retryAttempts: 0,
        }),
        JobsModule.forRoot(jobs),
      ],
      providers: [Tracking, Life],
    })
    class Root {}
    return Root;
  }

  async function countOf(table: string): Promise<number> {
    const dataSource = await database.dataSource({ synchronize: false });
    const rows: { count: number }[] = await dataSource.query(`select count(*)::int4 as count from ${table}`);
    await dataSource.destroy();
    return rows[0]!.count;
  }

  it('answers with everything that is registered', async () => {
    expect(await registerReceivers(root(), { logger: false })).toEqual(LISTED);
  });

  it('registers also where the application was told not to', async () => {
    expect(await registerReceivers(root({ register: false }), { logger: false })).toEqual(LISTED);
  });

  it('makes the tables where the module migrates', async () => {
    expect(await registerReceivers(root({ migrate: true }, false), { logger: false })).toEqual(LISTED);
  });

  it('starts no worker', async () => {
    await registerReceivers(root(), { logger: false });
    expect(await countOf('jobs_worker')).toBe(0);
  });

  it('starts and ends the rest of the application', async () => {
    await registerReceivers(root(), { logger: false });
    expect(life).toEqual(['started', 'ended']);
  });

  it('leaves applications that start elsewhere at that time their workers', async () => {
    const [, application] = await Promise.all([
      registerReceivers(root({ migrate: true }, false), { logger: false }),
      TestApplication.start(database, {
        providers: [Tracking],
        jobs: { migrate: true },
        typeorm: { synchronize: false },
      }),
    ]);
    const workers = await application.count('jobs_worker');
    await application.close();
    expect(workers).toBe(1);
  });

  it('lets an event reach a receiver that no process has started with yet', async () => {
    await registerReceivers(root(), { logger: false });
    const emitter = await TestApplication.start(database, { jobs: { worker: false }, typeorm: { synchronize: false } });
    await emitter.events.emit(new ParcelSent('early'));
    const waiting = await emitter.count('jobs_delivery');
    await emitter.close();
    expect(waiting).toBe(2);
  });

  it('rejects with what keeps the application from starting', async () => {
    await expect(registerReceivers(root({}, false), { logger: false })).rejects.toThrow(
      'The tables of nestjs-jobs are at version 0',
    );
  });

  it('prints nothing', async () => {
    const written: unknown[] = [];
    Logger.overrideLogger(new ConsoleLogger());
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push(text) > 0),
    );
    await registerReceivers(root());
    for (const spy of spies) spy.mockRestore();
    Logger.overrideLogger(false);
    // Only tests declare several data sources of one name in a process.
    expect(written.filter((text) => !/DataSourceNameRegistry/.test(String(text)))).toEqual([]);
  });
});
