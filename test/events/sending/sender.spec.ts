import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  emission,
  InProcessEvents,
  OnReliableEvent,
  PayloadError,
  ReliableEvent,
  type SendingMethod,
  type SendOptions,
} from '../../../lib/index.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';

@ReliableEvent('file.stored')
class FileStored {
  constructor(readonly path: string) {}
}

const heard: [string, DeliveryContext][] = [];

@Injectable()
class Receivers {
  @OnReliableEvent(FileStored, { id: 'of-uploads', sender: 'uploads', transactional: true })
  uploads(_: FileStored, context: DeliveryContext): void {
    heard.push([context.receiverId, context]);
  }

  @OnReliableEvent(FileStored, { id: 'of-imports', sender: 'imports' })
  imports(_: FileStored, context: DeliveryContext): void {
    heard.push([context.receiverId, context]);
  }

  @OnReliableEvent(FileStored, { id: 'of-all' })
  all(_: FileStored, context: DeliveryContext): void {
    heard.push([context.receiverId, context]);
  }
}

describe('A receiver that asks for the events of a sender', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers] });
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(() => (heard.length = 0));

  const ways: [SendingMethod, (options: SendOptions) => Promise<unknown>][] = [
    ['send', (options) => application.context.get(InProcessEvents).send(new FileStored('a'), options)],
    ['sendRobust', (options) => application.context.get(InProcessEvents).sendRobust(new FileStored('a'), options)],
    [
      'sendAfterCommit',
      (options) => application.context.get(InProcessEvents).sendAfterCommit(new FileStored('a'), options),
    ],
    [
      'emit',
      async (options) => {
        await application.events.emit(new FileStored('a'), options);
        await application.drained();
      },
    ],
  ];

  describe.each(ways)('by %s', (_, sent) => {
    it('hears those', async () => {
      await sent({ sender: 'uploads' });
      expect(heard.map(([id]) => id).sort()).toEqual(['of-all', 'of-uploads']);
    });

    it('does not hear those of nobody', async () => {
      await sent({});
      expect(heard.map(([id]) => id)).toEqual(['of-all']);
    });

    it('is told who sent it, and not the header it travels in', async () => {
      await sent({ sender: 'uploads', headers: { trace: 't' } });
      expect(heard.map(([, { sender, headers }]) => [sender, headers])).toEqual([
        ['uploads', { trace: 't' }],
        ['uploads', { trace: 't' }],
      ]);
    });

    it('is told of no sender when there is none', async () => {
      await sent({ headers: { trace: 't' } });
      expect(heard.map(([, { sender, headers }]) => [sender, headers])).toEqual([[null, { trace: 't' }]]);
    });
  });

  it('has the delivery of another sender’s event done, and no dead letter', async () => {
    const { id } = await application.events.emit(new FileStored('a'), { sender: 'uploads' });
    await application.drained();
    expect(await application.count('jobs_dead_letter')).toBe(0);
    expect((await application.events.status(id))?.receivers.map(({ receiver, state }) => [receiver, state])).toEqual(
      expect.arrayContaining([['of-imports', 'delivered']]),
    );
  });

  it('hears each of several events by its own sender', async () => {
    await application.events.emitMany([new FileStored('a'), emission(new FileStored('b'), { sender: 'imports' })], {
      sender: 'uploads',
    });
    await application.drained();
    expect(heard.map(([id]) => id).sort()).toEqual(['of-all', 'of-all', 'of-imports', 'of-uploads']);
  });

  it.each([[''], [5 as never], ['nul \0'], ['x'.repeat(256)]])(
    'cannot be written to with the sender %j; nothing is written',
    async (sender) => {
      const before = await application.count('jobs_event');
      await expect(application.events.emit(new FileStored('a'), { sender })).rejects.toThrow(PayloadError);
      await expect(application.context.get(InProcessEvents).send(new FileStored('a'), { sender })).rejects.toThrow(
        PayloadError,
      );
      expect([heard, await application.count('jobs_event')]).toEqual([[], before]);
    },
  );

  it('is found by a sender of any text', async () => {
    const sender = 'модуль ✓ "quoted" \\ back';
    await application.events.emit(new FileStored('a'), { sender });
    await application.drained();
    expect(heard[0]?.[1].sender).toBe(sender);
  });

  it('leaves the header of the sender to the option', async () => {
    const headers = { 'nestjs-jobs-sender': 'uploads' };
    await expect(application.events.emit(new FileStored('a'), { headers })).rejects.toThrow('use the option "sender"');
  });
});
