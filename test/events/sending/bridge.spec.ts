import { Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { z } from 'zod';
import {
  EventDefinitionError,
  InvalidOptionError,
  JobsError,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
} from '../../../lib/index.js';
import { AfterCommitRuns } from '../../../lib/events/sending/after-commit-runs.js';
import { LogCapture } from '../../support/log-capture.js';
import { TestApplication, type TestApplicationOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

@ReliableEvent('user.joined')
class UserJoined {
  constructor(readonly name: string) {}
}

@ReliableEvent('user.left')
class UserLeft {
  constructor(readonly name: string) {}
}

const Measured = reliableEvent('room.measured', { schema: z.object({ degrees: z.string().transform(Number) }) });

const plain: [string, unknown][] = [];
const reliable: unknown[] = [];

@Injectable()
class Listeners {
  @OnEvent('user.joined')
  joined(event: UserJoined): void {
    plain.push(['user.joined', event]);
  }

  @OnEvent('user.left')
  left(event: UserLeft): void {
    plain.push(['user.left', event]);
  }

  @OnEvent('room.measured')
  measured(event: { degrees: number }): void {
    plain.push(['room.measured', event]);
  }

  @OnEvent('plain.only')
  plainOnly(event: unknown): void {
    plain.push(['plain.only', event]);
  }

  @OnReliableEvent(UserJoined, { id: 'welcome' })
  welcome(event: UserJoined): void {
    reliable.push(event);
  }
}

describe('Plain listeners', () => {
  let database: TestDatabase;
  let application: TestApplication;
  const log = new LogCapture();
  const hook: [unknown, object][] = [];

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    plain.length = reliable.length = hook.length = 0;
    log.clear();
  });

  async function start(jobs: JobsModuleOptions, options: TestApplicationOptions = {}): Promise<void> {
    application = await TestApplication.start(database, {
      imports: [EventEmitterModule.forRoot()],
      providers: [Listeners],
      jobs: { worker: false, onError: (error, context) => void hook.push([error, context]), ...jobs },
      ...options,
    });
    application.context.useLogger(log);
  }

  const emitter = (): EventEmitter2 => application.context.get(EventEmitter2);

  /** Whatever was to be heard has been heard by then. */
  const allHeard = (): Promise<void> => application.context.get(AfterCommitRuns).beforeApplicationShutdown();

  describe('without a bridge', () => {
    beforeAll(() => start({ worker: {} }));
    afterAll(() => application.close());

    it('hear what their emitter emits, and nobody else does', async () => {
      emitter().emit('plain.only', { of: 1 });
      emitter().emit('user.joined', { name: 'plain' });
      await application.drained();
      expect([plain, reliable]).toEqual([
        [
          ['plain.only', { of: 1 }],
          ['user.joined', { name: 'plain' }],
        ],
        [],
      ]);
    });

    it('do not hear what is emitted reliably', async () => {
      await application.events.emit(new UserJoined('Ann'));
      await until(() => reliable.length === 1);
      expect(plain).toEqual([]);
    });

    it('have the emitter of @nestjs/event-emitter as it was', () => {
      expect(Object.getOwnPropertyNames(emitter()).filter((name) => /^(emit|on|once|off|add)/.test(name))).toEqual([]);
      expect(emitter().listenerCount('user.joined')).toBe(1);
    });
  });

  describe('with a bridge', () => {
    beforeAll(() => start({ bridge: [UserJoined, Measured, 'room.left'] }));
    afterAll(() => application.close());

    it('hear a reliable event after the commit, by its name, as an instance of its class', async () => {
      let before = -1;
      await application.dataSource.transaction(async (manager) => {
        await application.events.emit(new UserJoined('Ann'), { manager });
        await manager.query('select 1');
        before = plain.length;
      });
      await until(() => plain.length === 1);
      expect([before, plain]).toEqual([0, [['user.joined', new UserJoined('Ann')]]]);
      expect(plain[0]?.[1]).toBeInstanceOf(UserJoined);
    });

    it('hear nothing of a transaction that rolled back', async () => {
      const failure = application.dataSource.transaction(async (manager) => {
        await application.events.emit(new UserJoined('Bob'), { manager });
        throw new Error('no');
      });
      await expect(failure).rejects.toThrow('no');
      await allHeard();
      expect(plain).toEqual([]);
    });

    it('hear nothing of a savepoint that rolled back', async () => {
      await application.dataSource.transaction(async (outer) => {
        await outer
          .transaction(async (inner) => {
            await application.events.emit(new UserJoined('Bob'), { manager: inner });
            throw new Error('no');
          })
          .catch(() => undefined);
      });
      await allHeard();
      expect(plain).toEqual([]);
    });

    it('hear of an event emitted outside a transaction at once', async () => {
      await application.events.emit(new UserJoined('Ann'));
      await until(() => plain.length === 1);
      expect(plain).toEqual([['user.joined', new UserJoined('Ann')]]);
    });

    it('hear of a delayed event at the commit; its delay is for receivers', async () => {
      await application.events.emit(new UserJoined('Ann'), { delay: '1h' });
      await allHeard();
      expect(plain).toEqual([['user.joined', new UserJoined('Ann')]]);
    });

    it('do not hear of events that are not named', async () => {
      await application.events.emit(new UserLeft('Ann'));
      await allHeard();
      expect(plain).toEqual([]);
    });

    it('get what the schema makes of it', async () => {
      await application.events.emit(Measured, { degrees: '21' });
      await until(() => plain.length === 1);
      expect(plain).toEqual([['room.measured', { degrees: 21 }]]);
    });

    it('hear each of several events once, and not the one that repeats another', async () => {
      await application.events.emitMany([new UserJoined('Ann'), new UserLeft('Bob'), new UserJoined('Cleo')]);
      await application.events.emit(new UserJoined('Dan'), { dedupeKey: 'dan' });
      await application.events.emit(new UserJoined('Dan'), { dedupeKey: 'dan' });
      await allHeard();
      expect(plain.map(([, event]) => (event as UserJoined).name)).toEqual(['Ann', 'Cleo', 'Dan']);
    });

    it('do not fail the sender nor each other when one throws; that is logged and told to the hook', async () => {
      const broken = (): never => {
        throw new RangeError('listener fails');
      };
      emitter().prependListener('user.joined', broken);
      await application.dataSource.transaction((manager) =>
        application.events.emit(new UserJoined('Ann'), { manager }),
      );
      await until(() => hook.length === 1);
      emitter().off('user.joined', broken);
      expect(log.messages('error')).toEqual(['A plain listener of user.joined failed: RangeError: listener fails']);
      expect(hook[0]?.[1]).toEqual({ activity: 'bridge', eventName: 'user.joined' });
    });

    it('hear nothing of a transaction begun by hand, which is warned of once', async () => {
      const runner = application.dataSource.createQueryRunner();
      for (const end of ['rollback', 'commit']) {
        await runner.query('begin');
        await application.events.emit(new UserJoined('by hand'), { manager: runner.manager });
        await runner.query(end);
      }
      await runner.release();
      await allHeard();
      expect(plain).toEqual([]);
      expect(log.messages('warn').filter((message) => message.includes('begun by hand'))).toHaveLength(1);
    });
  });

  it('hear by their wildcards, where the emitter has them', async () => {
    await start({ bridge: ['user.left'] }, { imports: [EventEmitterModule.forRoot({ wildcard: true })] });
    const names: unknown[] = [];
    emitter().on('user.*', (event: UserLeft) => names.push(event.name));
    await application.events.emit(new UserLeft('Ann'));
    await until(() => names.length === 1);
    await application.close();
    expect(names).toEqual(['Ann']);
  });

  it.each<[string, TestApplicationOptions, new (...args: never[]) => JobsError, RegExp]>([
    [
      'there is no EventEmitterModule',
      { imports: [], jobs: { bridge: [UserJoined] } },
      JobsError,
      /option bridge.*EventEmitterModule.*Install the package and add EventEmitterModule\.forRoot\(\)/,
    ],
    [
      'a pattern is named',
      { jobs: { bridge: ['user.*'] } },
      EventDefinitionError,
      /'user\.\*': is not the name of an event/,
    ],
    ['a class is named that is no event', { jobs: { bridge: [Listeners] } }, EventDefinitionError, /Listeners/],
    [
      'an event of jobs is named',
      { jobs: { bridge: ['job.completed'] } },
      InvalidOptionError,
      /bridge\[0\].*@OnJobCompleted/,
    ],
  ])('stop the boot when %s', async (_, options, error, message) => {
    const failure: unknown = await start({}, options).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error);
    expect((failure as Error).message).toMatch(message);
  });

  it('need no EventEmitterModule when no bridge is asked for', async () => {
    await start({}, { imports: [], providers: [] });
    await application.events.emit(new UserJoined('Ann'));
    await application.close();
  });
});
