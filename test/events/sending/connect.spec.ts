import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ConflictingReceiverOptionsError,
  type ConnectOptions,
  type DeliveryContext,
  DuplicateReceiverError,
  DurationError,
  EventDefinitionError,
  InProcessEvents,
  InvalidOptionError,
  InvalidReceiverError,
  JobsError,
  OnReliableEvent,
  ReceiverAliasError,
  Receivers,
  ReliableEvent,
  reliableEvent,
  UnknownOptionError,
} from '../../../lib/index.js';
import { EngineDatabase } from '../../../lib/engine/database/engine-database.js';
import { Signal } from '../../support/signal.js';
import { TestApplication, type TestApplicationOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

@ReliableEvent('invoice.sent')
class InvoiceSent {
  constructor(readonly number: number) {}
}

const Reminded = reliableEvent<{ readonly number: number }>('invoice.reminded');

@Injectable()
class Ledger {
  static heard: number[] = [];

  @OnReliableEvent(InvoiceSent, { id: 'ledger', aliases: ['books'] })
  write({ number }: InvoiceSent): void {
    Ledger.heard.push(number);
  }
}

const heard: [string, unknown][] = [];
const note = (event: unknown, { receiverId }: DeliveryContext): void => void heard.push([receiverId, event]);
const other = (): void => undefined;

@Injectable()
class ConnectsAtStart implements OnModuleInit {
  constructor(private readonly events: InProcessEvents) {}

  onModuleInit(): Promise<void> {
    return this.events.connect(InvoiceSent, note, { id: 'at-start', reliable: true });
  }
}

describe('Connecting a function', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let sender: InProcessEvents;
  const connected: string[] = [];

  const start = (options: TestApplicationOptions = {}): Promise<TestApplication> =>
    TestApplication.start(database, { providers: [Ledger], ...options });

  const connect: InProcessEvents['connect'] = async (event: never, receiver: never, options: ConnectOptions) => {
    await sender.connect(event, receiver, options);
    connected.push(options.id);
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await start();
    sender = application.context.get(InProcessEvents);
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  afterEach(async () => {
    for (const id of connected.splice(0)) {
      await sender.disconnect(id);
      const receivers = application.context.get(Receivers);
      // Those that are connected for this process alone are not registered.
      if ((await receivers.find(id)) !== null) await receivers.retire(id, { actor: 'test' });
    }
    heard.length = 0;
    Ledger.heard = [];
  });

  const ids = (): string[] => sender.receivers(InvoiceSent).map(({ id }) => id);

  it('has it called with what is sent in this process, after what was registered before it', async () => {
    await connect(InvoiceSent, note, { id: 'first' });
    await connect('invoice.*', note, { id: 'second' });
    await sender.send(new InvoiceSent(7));
    expect(ids()).toEqual(['ledger', 'first', 'second']);
    expect(heard).toEqual([
      ['first', new InvoiceSent(7)],
      ['second', { number: 7 }],
    ]);
  });

  it('types what it is called with by the event', async () => {
    const numbers: number[] = [];
    await connect(InvoiceSent, (event) => numbers.push(event.number), { id: 'of-a-class' });
    await connect(Reminded, ({ number }) => numbers.push(number), { id: 'of-a-definition' });
    await connect(Reminded, (_, { manager }) => manager.query('select 1'), { id: 'of-a-manager', transactional: true });
    // @ts-expect-error -- a receiver that is not transactional has no manager
    await connect(Reminded, (_, { manager }) => manager, { id: 'without-a-manager' });
    await sender.sendRobust(new InvoiceSent(1));
    await sender.sendRobust(Reminded, { number: 2 });
    expect(numbers).toEqual([1, 2]);
  });

  it('opens a transaction for one that is transactional', async () => {
    let active: unknown;
    await connect(InvoiceSent, (_, { manager }) => (active = manager.queryRunner?.isTransactionActive), {
      id: 'transactional',
      transactional: true,
    });
    await sender.send(new InvoiceSent(1));
    expect(active).toBe(true);
  });

  it('answers with what it returns, or what its promise brings', async () => {
    await connect(Reminded, () => Promise.resolve('later'), { id: 'promise' });
    await connect(Reminded, () => 'now', { id: 'value' });
    await expect(sender.sendRobust(Reminded, { number: 1 })).resolves.toEqual([
      { receiver: 'promise', value: 'later' },
      { receiver: 'value', value: 'now' },
    ]);
  });

  it('does not tell it of what is emitted, unless it is reliable', async () => {
    await connect(InvoiceSent, note, { id: 'in-process' });
    await application.events.emit(new InvoiceSent(1));
    await application.drained();
    expect([heard, Ledger.heard]).toEqual([[], [1]]);
    expect(await application.count('jobs_receiver', `name = 'in-process'`)).toBe(0);
  });

  it('twice under one id calls it once', async () => {
    await connect(InvoiceSent, note, { id: 'once', sender: 'a' });
    await connect(InvoiceSent, note, { id: 'once', sender: 'a' });
    await sender.send(new InvoiceSent(1), { sender: 'a' });
    expect(heard).toHaveLength(1);
  });

  it('twice at the same time calls it once', async () => {
    const options = { id: 'once', reliable: true };
    await Promise.all([connect(InvoiceSent, note, options), connect(InvoiceSent, note, options)]);
    await application.events.emit(new InvoiceSent(1));
    await application.drained();
    expect(heard).toHaveLength(1);
  });

  it.each<[string, () => Promise<void>]>([
    ['another function', () => sender.connect(InvoiceSent, other, { id: 'taken' })],
    ['the function for another event', () => sender.connect(Reminded, note, { id: 'taken' })],
    ['the function with other options', () => sender.connect(InvoiceSent, note, { id: 'taken', timeout: 5 })],
    ['a function under the id of a decorated method', () => sender.connect(InvoiceSent, note, { id: 'ledger' })],
  ])('refuses %s under an id that is taken, and keeps the one that has it', async (_, again) => {
    await connect(InvoiceSent, note, { id: 'taken' });
    await expect(again()).rejects.toThrow(DuplicateReceiverError);
    await sender.send(new InvoiceSent(1));
    expect([heard, Ledger.heard]).toEqual([[['taken', new InvoiceSent(1)]], [1]]);
  });

  it('names both functions when an id is taken', async () => {
    await connect(InvoiceSent, note, { id: 'taken' });
    await expect(sender.connect(InvoiceSent, other, { id: 'taken' })).rejects.toThrow(
      'Two receivers have the id "taken": the function note that is connected and the function other.',
    );
  });

  it('refuses an id that is the former one of another receiver', async () => {
    await expect(sender.connect(InvoiceSent, note, { id: 'books' })).rejects.toThrow(ReceiverAliasError);
  });

  it.each<[string, unknown[], new (...args: never[]) => JobsError, RegExp]>([
    ['no id', [InvoiceSent, note, {}], InvalidOptionError, /connect: option id must be .*printable.*undefined/],
    ['an id with a line break', [InvoiceSent, note, { id: 'a\nb' }], InvalidOptionError, /option id must be/],
    ['no options', [InvoiceSent, note], InvalidOptionError, /must be an object with any of id, aliases, sender/],
    ['an option it does not know', [InvoiceSent, note, { id: 'a', relaible: true }], UnknownOptionError, /reliable\?/],
    ['a data source', [InvoiceSent, note, { id: 'a', dataSource: 'b' }], UnknownOptionError, /no option dataSource/],
    ['no function', [InvoiceSent, 'note', { id: 'a' }], InvalidOptionError, /a function \(event, context\)/],
    [
      'an event that is none',
      [undefined, note, { id: 'a' }],
      InvalidOptionError,
      /connect\("a"\): option event must be/,
    ],
    [
      'a name that is none',
      ['Invoice Sent', note, { id: 'a' }],
      InvalidReceiverError,
      /'Invoice Sent': is no event name/,
    ],
    ['a timeout that is none', [InvoiceSent, note, { id: 'a', timeout: 'soon' }], DurationError, /timeout/],
    [
      'a sender that is none',
      [InvoiceSent, note, { id: 'a', sender: '' }],
      InvalidOptionError,
      /option sender must be/,
    ],
    ['a class that is no event', [Ledger, note, { id: 'a' }], InvalidReceiverError, /is no reliable event/],
    [
      'reliable that is no boolean',
      [InvoiceSent, note, { id: 'a', reliable: 1 }],
      InvalidOptionError,
      /option reliable/,
    ],
  ])('refuses %s', async (_, [event, receiver, options], error, message) => {
    const failure: unknown = await sender
      .connect(event as never, receiver as never, options as never)
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error);
    expect((failure as Error).message).toMatch(message);
    expect(ids()).toEqual(['ledger']);
  });

  describe('with reliable: true', () => {
    it('writes deliveries for it, which this process runs without being started anew', async () => {
      await connect(InvoiceSent, note, { id: 'reliable', reliable: true });
      await application.dataSource.transaction((manager) => application.events.emit(new InvoiceSent(3), { manager }));
      await application.drained();
      expect(heard).toEqual([['reliable', new InvoiceSent(3)]]);
    });

    it('retries it', async () => {
      let attempts = 0;
      await connect(
        InvoiceSent,
        (_, { attempt }) => {
          attempts = attempt;
          if (attempt < 3) throw new Error('not yet');
        },
        { id: 'retried', reliable: true, retry: { delay: 1, jitter: 0 } },
      );
      await application.events.emit(new InvoiceSent(3));
      await application.drained();
      expect(attempts).toBe(3);
    });

    it('has it hear of what is sent in process, too', async () => {
      await connect(InvoiceSent, note, { id: 'reliable', reliable: true });
      await sender.send(new InvoiceSent(3));
      expect(heard).toEqual([['reliable', new InvoiceSent(3)]]);
    });

    it('says in the database that this process has it', async () => {
      await connect(InvoiceSent, note, { id: 'announced', reliable: true });
      await until(
        async () =>
          (await application.count(
            'jobs_worker w join jobs_receiver r on r.id = any (w.receivers)',
            `w.state = 'live' and r.name = 'announced'`,
          )) === 1,
      );
    });

    it('refuses a concurrency the pool has no connections for, and connects nothing', async () => {
      const options = { id: 'greedy', reliable: true, transactional: true, concurrency: 100 } as const;
      await expect(sender.connect(InvoiceSent, note, options)).rejects.toThrow(
        'concurrency of the transactional receiver "greedy" is 100, which cannot work with a pool of 10 connections',
      );
      expect(ids()).toEqual(['ledger']);
    });

    it('connects nothing when it cannot be registered, and can be tried again', async () => {
      const failing = jest
        .spyOn(application.context.get(EngineDatabase), 'connection', 'get')
        .mockImplementation(() => {
          throw new Error('the database is away');
        });
      await expect(connect(InvoiceSent, note, { id: 'again', reliable: true })).rejects.toThrow('away');
      failing.mockRestore();
      expect(ids()).toEqual(['ledger']);
      await connect(InvoiceSent, note, { id: 'again', reliable: true });
      await application.events.emit(new InvoiceSent(1));
      await application.drained();
      expect(heard).toHaveLength(1);
    });

    it('before the worker starts has it worked for as well', async () => {
      const second = await start({ providers: [ConnectsAtStart] });
      await second.events.emit(new InvoiceSent(1));
      await until(() => heard.length === 1);
      await second.close();
      await application.context.get(Receivers).retire('at-start', { actor: 'test' });
      expect(heard).toEqual([['at-start', new InvoiceSent(1)]]);
    });

    it('in a constructor is refused, as not all receivers are known there', async () => {
      let failure: unknown;
      const second = await start({
        providers: [
          {
            provide: 'early',
            inject: [InProcessEvents],
            useFactory: (events: InProcessEvents) => {
              events
                .connect(InvoiceSent, note, { id: 'early', reliable: true })
                .catch((error: unknown) => (failure = error));
              return {};
            },
          },
          { provide: 'slow', inject: ['early'], useFactory: () => new Promise((resolve) => setImmediate(resolve)) },
        ],
      });
      await second.close();
      expect(String(failure)).toContain('while the application was still being put together');
    });
  });

  describe('and disconnecting it', () => {
    it('has it called no more', async () => {
      await connect(InvoiceSent, note, { id: 'gone' });
      await expect(sender.disconnect('gone')).resolves.toBe(true);
      await sender.send(new InvoiceSent(1));
      expect([heard, ids()]).toEqual([[], ['ledger']]);
    });

    it('answers whether there was anything to disconnect', async () => {
      await expect(sender.disconnect('never-there')).resolves.toBe(false);
    });

    it('frees its id for another function', async () => {
      await connect(InvoiceSent, note, { id: 'free' });
      await sender.disconnect('free');
      await expect(connect(InvoiceSent, other, { id: 'free' })).resolves.toBeUndefined();
    });

    it('is refused for a decorated method', async () => {
      await expect(sender.disconnect('ledger')).rejects.toThrow(InvalidReceiverError);
    });

    it('has deliveries of a reliable one written on, which wait until somebody has it again', async () => {
      await connect(InvoiceSent, note, { id: 'waits', reliable: true });
      await sender.disconnect('waits');
      await application.events.emit(new InvoiceSent(5));
      await until(() => Ledger.heard.length === 1);
      await until(async () => (await application.count('jobs_delivery', 'worker is null')) === 1);
      const meanwhile = heard.length;
      await connect(InvoiceSent, note, { id: 'waits', reliable: true });
      await application.drained();
      expect([meanwhile, heard]).toEqual([0, [['waits', new InvoiceSent(5)]]]);
    });

    it('ends the deliveries when it is retired, too', async () => {
      await connect(InvoiceSent, note, { id: 'retired', reliable: true });
      await sender.disconnect('retired');
      await application.context.get(Receivers).retire('retired', { actor: 'test' });
      await application.events.emit(new InvoiceSent(5));
      await application.drained();
      expect(Ledger.heard).toEqual([5]);
    });

    it('lets what runs finish, and hands back what was claimed ahead', async () => {
      const [begun, release] = [new Signal(), new Signal()];
      const numbers: number[] = [];
      // Fast at first, so that it is claimed for ahead.
      const work = async ({ number }: InvoiceSent): Promise<void> => {
        numbers.push(number);
        if (numbers.length !== 300) return;
        begun.give();
        await release.given;
      };
      const held = (): Promise<number> => application.count('jobs_delivery', 'worker is not null');
      await connect(InvoiceSent, work, { id: 'busy', reliable: true, concurrency: 1 });
      await application.events.emitMany(Array.from({ length: 600 }, (_, number) => new InvoiceSent(number)));
      await begun.given;
      await until(async () => Ledger.heard.length === 600 && (await held()) > 1);
      await sender.disconnect('busy');
      await until(async () => (await held()) === 1);
      release.give();
      await until(async () => (await held()) === 0);
      const left = await application.count('jobs_delivery', 'attempts = 0 and interruptions = 0');
      expect([numbers.length, left]).toEqual([300, 300]);
      await connect(InvoiceSent, work, { id: 'busy', reliable: true, concurrency: 1 });
      await application.drained();
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, number) => number));
    });

    it('works while the database is away', async () => {
      await connect(InvoiceSent, note, { id: 'away', reliable: true });
      const failing = jest
        .spyOn(application.context.get(EngineDatabase), 'connection', 'get')
        .mockImplementation(() => {
          throw new Error('the database is away');
        });
      const answer = await sender.disconnect('away');
      failing.mockRestore();
      expect([answer, ids()]).toEqual([true, ['ledger']]);
    });
  });

  it('with another sender than a stacked decorator’s is not possible under one id', async () => {
    class Torn {
      hear(): void {
        throw new Error('not called');
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Torn.prototype, 'hear')!;
    OnReliableEvent(InvoiceSent, { id: 'torn', sender: 'a' })(Torn.prototype, 'hear', descriptor as never);
    OnReliableEvent(Reminded, { id: 'torn', sender: 'b' })(Torn.prototype, 'hear', descriptor as never);
    await expect(start({ providers: [Torn] })).rejects.toThrow(ConflictingReceiverOptionsError);
  });

  describe('What a process knows', () => {
    it('are its events, by name', async () => {
      await connect(Reminded, note, { id: 'reminded' });
      expect(sender.events()).toEqual([
        { name: 'invoice.reminded', version: 1, target: undefined },
        { name: 'invoice.sent', version: 1, target: InvoiceSent },
      ]);
    });

    it('are its receivers, with what they hear and where they are declared', async () => {
      await connect('invoice.*', note, { id: 'connected', sender: 'billing' });
      expect(sender.receivers()).toEqual([
        {
          id: 'ledger',
          aliases: ['books'],
          events: ['invoice.sent'],
          sender: null,
          transactional: false,
          reach: 'both',
          declaredBy: 'Ledger.write',
        },
        {
          id: 'connected',
          aliases: [],
          events: ['invoice.*'],
          sender: 'billing',
          transactional: false,
          reach: 'inProcess',
          declaredBy: 'connect().note',
        },
      ]);
    });

    it('leads from a method to the id of its receiver and back, for a nested class, too', async () => {
      const outer = {
        Inner: class Inner {
          hear(): void {
            throw new Error('not called');
          }
        },
      };
      const { Inner } = outer;
      const descriptor = Object.getOwnPropertyDescriptor(Inner.prototype, 'hear')!;
      OnReliableEvent(InvoiceSent)(Inner.prototype, 'hear', descriptor as never);
      const second = await start({ providers: [Inner], jobs: { register: false, worker: false } });
      const [receiver] = second.context.get(InProcessEvents).receivers(InvoiceSent);
      await second.close();
      expect([receiver?.id, receiver?.declaredBy]).toEqual(['Inner.hear', 'Inner.hear']);
    });

    it('refuses the name of an event that is none', () => {
      expect(() => sender.receivers('Invoice Sent')).toThrow(EventDefinitionError);
    });
  });
});
