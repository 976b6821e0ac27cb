import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import {
  JobsModule,
  type JobsOptionsFactory,
  type JobsRuntimeOptions,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
} from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('lamp.lit')
class LampLit {
  constructor(readonly room: string) {}
}

@Injectable()
class Lamps {
  readonly heard: string[] = [];

  @OnReliableEvent(LampLit, { id: 'lamps' })
  light({ room }: LampLit): void {
    this.heard.push(room);
  }
}

describe('JobsModule', () => {
  let database: TestDatabase;
  const open: TestApplication[] = [];

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
    await database.drop();
  });

  async function start(options: TestApplicationOptions = {}, on = database): Promise<TestApplication> {
    const app = await TestApplication.start(on, { ...options, providers: [Lamps, ...(options.providers ?? [])] });
    open.push(app);
    return app;
  }

  /** Emits one event, and answers with what was heard when it was delivered. */
  async function delivered(app: TestApplication, room = 'hall'): Promise<readonly string[]> {
    await app.events.emit(new LampLit(room));
    await app.drained();
    return app.context.get(Lamps).heard;
  }

  it('works without options', async () => {
    expect(await delivered(await start({ jobsModule: JobsModule.forRoot() }))).toEqual(['hall']);
  });

  describe('with options made asynchronously', () => {
    @Injectable()
    class Limits {
      readonly payload = 30;
    }

    @Module({ providers: [Limits], exports: [Limits] })
    class LimitsModule {}

    @Injectable()
    class OptionsFactory implements JobsOptionsFactory {
      constructor(private readonly limits: Limits) {}

      async createJobsOptions(): Promise<JobsRuntimeOptions> {
        return Promise.resolve({ worker: false, limits: { payload: this.limits.payload } });
      }
    }

    @Module({ imports: [LimitsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
    class FactoryModule {}

    it.each([
      [
        'useFactory',
        JobsModule.forRootAsync({
          imports: [LimitsModule],
          inject: [Limits],
          useFactory: async (limits: Limits) => Promise.resolve({ worker: false, limits: { payload: limits.payload } }),
        }),
      ],
      ['useClass', JobsModule.forRootAsync({ imports: [LimitsModule], useClass: OptionsFactory })],
      ['useExisting', JobsModule.forRootAsync({ imports: [FactoryModule], useExisting: OptionsFactory })],
    ])('by %s obeys them', async (_, jobsModule) => {
      const app = await start({ jobsModule });
      await expect(app.events.emit(new LampLit('a room with a very long name'))).rejects.toThrow(
        'more than the 30 of limits.payload',
      );
    });
  });

  describe('that is not global', () => {
    @Injectable()
    class Elsewhere {
      constructor(readonly events: ReliableEvents) {}
    }

    it('gives its services to those who import it', async () => {
      const jobs = JobsModule.forRoot({ isGlobal: false, worker: false });
      @Module({ imports: [jobs], providers: [Elsewhere] })
      class Importing {}
      const app = await start({ jobsModule: jobs, imports: [Importing] });
      expect(app.context.get(Elsewhere, { strict: false }).events).toBe(app.events);
    });

    it('keeps them from others', async () => {
      @Module({ providers: [Elsewhere] })
      class NotImporting {}
      const starting = start({ jobs: { isGlobal: false, worker: false }, imports: [NotImporting] });
      await expect(starting).rejects.toThrow("can't resolve dependencies of the Elsewhere");
    });
  });

  it('that is global gives its services to all', async () => {
    @Injectable()
    class Elsewhere {
      constructor(readonly events: ReliableEvents) {}
    }
    @Module({ providers: [Elsewhere] })
    class NotImporting {}
    const app = await start({ jobs: { worker: false }, imports: [NotImporting] });
    expect(app.context.get(Elsewhere, { strict: false }).events).toBe(app.events);
  });

  describe('with worker: false', () => {
    it('emits, has no row among the workers, and claims nothing', async () => {
      const app = await start({ jobs: { worker: false } });
      await app.events.emit(new LampLit('hall'));
      await open.pop()!.close();
      const looking = await database.dataSource({ synchronize: false });
      const rows: unknown = await looking.query(
        'select (select count(*)::int4 from jobs_worker) as workers, claims, worker from jobs_delivery',
      );
      await looking.destroy();
      expect(rows).toEqual([{ workers: 0, claims: 0, worker: null }]);
    });

    it('leaves what it emitted to a process that works', async () => {
      const emitting = await start({ jobs: { worker: false } });
      const working = await start();
      await emitting.events.emit(new LampLit('hall'));
      await emitting.drained();
      expect([emitting, working].map((app) => app.context.get(Lamps).heard)).toEqual([[], ['hall']]);
    });
  });

  it('works in two applications of one process on two databases', async () => {
    const other = await TestDatabase.create();
    const [here, there] = [await start(), await start({}, other)];
    const heard = [await delivered(here, 'here'), await delivered(there, 'there')];
    await open.pop()!.close();
    await other.drop();
    expect(heard).toEqual([['here'], ['there']]);
  });

  describe("beside the application's own", () => {
    @Injectable()
    class Plain {
      readonly heard: string[] = [];

      @OnEvent('lamp.lit')
      hear(room: string): void {
        this.heard.push(room);
      }
    }

    it('EventEmitterModule and ScheduleModule leaves both as they are', async () => {
      const app = await start({
        imports: [EventEmitterModule.forRoot(), ScheduleModule.forRoot()],
        providers: [Plain],
        jobs: { sweep: false },
      });
      app.context.get(EventEmitter2, { strict: false }).emit('lamp.lit', 'plain');
      const reliable = await delivered(app, 'reliable');
      expect([
        app.context.get(Plain).heard,
        reliable,
        app.context.get(SchedulerRegistry, { strict: false }).getIntervals(),
      ]).toEqual([['plain'], ['reliable'], []]);
    });

    it('nothing brings neither in', async () => {
      const app = await start();
      expect(() => app.context.get(EventEmitter2, { strict: false })).toThrow();
    });
  });

  describe('delivers what is emitted in onModuleInit at the first boot, on an empty database', () => {
    @Injectable()
    class Emitter implements OnModuleInit {
      constructor(private readonly events: ReliableEvents) {}

      async onModuleInit(): Promise<void> {
        await this.events.emit(new LampLit('at boot'));
      }
    }

    /** Initialised before the module, for Nest begins with what lies deepest. */
    @Module({ providers: [Emitter] })
    class Deepest {}
    @Module({ imports: [Deepest] })
    class Deeper {}
    @Module({ imports: [Deeper] })
    class Deep {}
    @Module({ imports: [Deep] })
    class Early {}

    it.each<[string, TestApplicationOptions]>([
      ['of a module that is initialised before it', { imports: [Early] }],
      ['of the root module, which is initialised last', { providers: [Emitter] }],
    ])('%s', async (_, options) => {
      const app = await start(options);
      await app.drained();
      expect(app.context.get(Lamps).heard).toEqual(['at boot']);
    });
  });

  describe('refuses an event while the application is still being put together, as receivers would be missed:', () => {
    it('in a provider factory', async () => {
      const early = {
        provide: 'early',
        inject: [ReliableEvents],
        useFactory: (events: ReliableEvents) => events.emit(new LampLit('too early')),
      };
      await expect(start({ providers: [early] })).rejects.toThrow(
        /An event was emitted, .*while the application was still being put together \(\w+ is not made yet\).* Do that in onModuleInit or later/,
      );
    });

    it('in a constructor while a factory is not done, after which the application works', async () => {
      const refusals: unknown[] = [];
      @Injectable()
      class Early {
        readonly emitted: Promise<unknown>;
        constructor(events: ReliableEvents) {
          this.emitted = events.emit(new LampLit('too early')).catch((error: unknown) => refusals.push(error));
        }
      }
      const slow = { provide: 'slow', inject: [Early], useFactory: ({ emitted }: Early) => emitted };
      const app = await start({ providers: [Early, slow] });
      expect([refusals.length, await delivered(app)]).toEqual([1, ['hall']]);
    });
  });
});
