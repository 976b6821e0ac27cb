import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { z } from 'zod';
import {
  type DeliveryContext,
  DiscardDelivery,
  EventSchemaError,
  InProcessEvents,
  InvalidOptionError,
  OnReliableEvent,
  PayloadError,
  ReliableEvent,
  RetryDelivery,
  reliableEvent,
  type SendingMethod,
  UnknownOptionError,
} from '../../../lib/index.js';
import { LogCapture } from '../../support/log-capture.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';

@ReliableEvent('order.paid')
class OrderPaid {
  readonly notes: string[] = [];
  constructor(readonly orderId: string) {}
}

@ReliableEvent('parcel.weighed', { schema: z.object({ grams: z.string().transform(Number) }), version: 3 })
class ParcelWeighed {
  constructor(readonly grams: string) {}
}

const Unheard = reliableEvent('nobody.listens');
const Renamed = reliableEvent<{ name: string }>('thing.renamed');

const calls: { readonly receiver: string; readonly event: unknown; readonly context: DeliveryContext }[] = [];
const failing = new Set<string>();

function note(event: unknown, context: DeliveryContext): string {
  calls.push({ receiver: context.receiverId, event, context });
  if (failing.has(context.receiverId)) throw new RangeError(`${context.receiverId} fails`);
  return `answer of ${context.receiverId}`;
}

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToRpc().getData<OrderPaid>().orderId !== 'forbidden';
  }
}

@Injectable()
class Early {
  @OnReliableEvent(OrderPaid, { id: 'early.second-declared', aliases: ['early.formerly'] })
  written(event: OrderPaid, context: DeliveryContext): unknown {
    event.notes.push('seen by the first');
    return note(event, context);
  }

  @OnReliableEvent(OrderPaid, { id: 'early.top' })
  @OnReliableEvent(OrderPaid, { id: 'early.below' })
  twice(event: OrderPaid, context: DeliveryContext): unknown {
    return note(event, context);
  }
}

@Injectable()
class Late {
  @OnReliableEvent('order.*', { id: 'late.wildcard' })
  any(event: unknown, context: DeliveryContext): unknown {
    return note(event, context);
  }

  @OnReliableEvent(ParcelWeighed, { id: 'late.parcel' })
  parcel(event: ParcelWeighed, context: DeliveryContext): unknown {
    return note(event, context);
  }

  @OnReliableEvent(Renamed, { id: 'late.renamed' })
  renamed(event: { name: string }, context: DeliveryContext): unknown {
    if (event.name === 'nobody') throw new DiscardDelivery('not a name');
    return note(event, context);
  }
}

@Injectable()
@UseGuards(Guard)
class Guarded {
  @OnReliableEvent(OrderPaid, { id: 'guarded' })
  guarded(event: OrderPaid, context: DeliveryContext): unknown {
    return note(event, context);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  constructor(@Inject(REQUEST) private readonly request: DeliveryContext) {}

  @OnReliableEvent(OrderPaid, { id: 'per-request' })
  own(event: OrderPaid, context: DeliveryContext): unknown {
    return note(event, { ...context, receiverId: this.request.receiverId, via: this.request.via });
  }
}

@Module({ providers: [Late] })
class LateModule {}

const ORDER = ['early.second-declared', 'early.top', 'early.below', 'guarded', 'per-request', 'late.wildcard'];

describe('Sending in process', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let sender: InProcessEvents;
  const log = new LogCapture();
  const hook: [unknown, object][] = [];

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      imports: [LateModule],
      providers: [Early, Guarded, PerRequest],
      jobs: { onError: (error, context) => void hook.push([error, context]) },
    });
    application.context.useLogger(log);
    sender = application.context.get(InProcessEvents);
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(() => {
    calls.length = 0;
    hook.length = 0;
    failing.clear();
    log.clear();
  });

  const called = (): string[] => calls.map(({ receiver }) => receiver);

  describe('with send', () => {
    it('runs every receiver before it resolves, in registration order', async () => {
      await sender.send(new OrderPaid('o1'));
      expect(called()).toEqual(ORDER);
    });

    it('lists its receivers in that order', () => {
      expect(sender.receivers(OrderPaid).map(({ id }) => id)).toEqual(ORDER);
    });

    it('throws what a receiver threw, as it is', async () => {
      failing.add('early.top');
      await expect(sender.send(new OrderPaid('o1'))).rejects.toThrow(new RangeError('early.top fails'));
    });

    it('skips the receivers after the one that threw', async () => {
      failing.add('early.top');
      await sender.send(new OrderPaid('o1')).catch(() => undefined);
      expect(called()).toEqual(['early.second-declared', 'early.top']);
    });

    it('waits for one receiver before it calls the next', async () => {
      await sender.connect(
        Renamed,
        async (event, context) => {
          await new Promise((resolve) => setImmediate(resolve));
          note(event, context);
        },
        { id: 'slow' },
      );
      await sender.connect(Renamed, note, { id: 'after-slow' });
      await sender.send(Renamed, { name: 'a' });
      await sender.disconnect('slow');
      await sender.disconnect('after-slow');
      expect(called()).toEqual(['late.renamed', 'slow', 'after-slow']);
    });

    it('logs nothing of what it throws', async () => {
      failing.add('early.top');
      await sender.send(new OrderPaid('o1')).catch(() => undefined);
      expect([log.messages('error', 'warn'), hook]).toEqual([[], []]);
    });

    it('resolves when nobody listens', async () => {
      await expect(sender.send(Unheard, null)).resolves.toBeUndefined();
    });
  });

  describe('with sendRobust', () => {
    it('runs all receivers, those after one that threw, too', async () => {
      failing.add('early.top');
      await sender.sendRobust(new OrderPaid('o1'));
      expect(called()).toEqual(ORDER);
    });

    it('answers with what each receiver returned or threw', async () => {
      failing.add('early.top');
      const answers = await sender.sendRobust(new OrderPaid('o1'));
      expect(answers).toEqual(
        ORDER.map((receiver) =>
          receiver === 'early.top'
            ? { receiver, error: new RangeError('early.top fails') }
            : { receiver, value: `answer of ${receiver}` },
        ),
      );
    });

    it('logs what a receiver threw, with its stack', async () => {
      failing.add('early.top');
      await sender.sendRobust(new OrderPaid('o1'));
      const [line] = log.lines.filter(({ level }) => level === 'error');
      expect(line?.message).toBe('early.top on order.paid (sendRobust) failed: RangeError: early.top fails');
      expect(String(line?.details[0])).toMatch(/^RangeError\n +at /);
    });

    it('tells the onError hook what a receiver threw', async () => {
      failing.add('early.top');
      await sender.sendRobust(new OrderPaid('o1'));
      const context = { activity: 'sendRobust', receiverId: 'early.top', eventName: 'order.paid', attempt: 1 };
      expect(hook).toEqual([[new RangeError('early.top fails'), context]]);
    });

    it('answers with nothing when nobody listens', async () => {
      await expect(sender.sendRobust(Unheard, null)).resolves.toEqual([]);
    });

    it('takes a discarded event for handled, and says so in the log', async () => {
      await expect(sender.sendRobust(Renamed, { name: 'nobody' })).resolves.toEqual([
        { receiver: 'late.renamed', value: undefined },
      ]);
      expect(log.messages('log')).toContain(
        'late.renamed on thing.renamed (sendRobust) discarded the event: not a name',
      );
    });
  });

  it('takes a receiver that asks to be run later for failed, as nobody runs it again', async () => {
    await sender.connect(Unheard, () => Promise.reject(new RetryDelivery('1m')), { id: 'later' });
    await expect(sender.send(Unheard, null)).rejects.toThrow(RetryDelivery);
    await sender.disconnect('later');
  });

  describe('with sendAfterCommit, outside a transaction,', () => {
    it('runs all receivers at once, and resolves when they are done', async () => {
      failing.add('early.top');
      await sender.sendAfterCommit(new OrderPaid('o1'));
      expect(called()).toEqual(ORDER);
    });

    it('logs and tells the hook what a receiver threw', async () => {
      failing.add('early.top');
      await sender.sendAfterCommit(new OrderPaid('o1'));
      expect(log.messages('error')).toEqual([
        'early.top on order.paid (sendAfterCommit) failed: RangeError: early.top fails',
      ]);
      expect(hook).toHaveLength(1);
    });
  });

  describe('runs a receiver registered once', () => {
    it.each<[SendingMethod, () => Promise<unknown>]>([
      ['send', () => sender.send(new OrderPaid('o1'))],
      ['sendRobust', () => sender.sendRobust(new OrderPaid('o1'))],
      ['sendAfterCommit', () => sender.sendAfterCommit(new OrderPaid('o1'))],
      ['emit', () => application.events.emit(new OrderPaid('o1')).then(() => application.drained())],
    ])('by %s, with the same event, guards and scope', async (via, sent) => {
      await sent();
      const guarded = calls.find(({ receiver }) => receiver === 'guarded');
      const perRequest = calls.find(({ receiver }) => receiver === 'per-request');
      expect(called().sort()).toEqual([...ORDER].sort());
      expect([guarded?.context.via, perRequest?.context.via]).toEqual([via, via]);
      expect(guarded?.event).toEqual(new OrderPaid('o1'));
      expect(guarded?.event).toBeInstanceOf(OrderPaid);
    });
  });

  describe('treats the event as emitting does:', () => {
    it('each receiver gets a copy of its own', async () => {
      const event = new OrderPaid('o1');
      await sender.send(event);
      expect(calls.map((call) => (call.event as OrderPaid).notes.length)).toEqual([1, 0, 0, 0, 0, 0]);
      expect(event.notes).toEqual([]);
    });

    it('a wildcard receiver gets plain data', async () => {
      await sender.send(new OrderPaid('o1'));
      expect(Object.getPrototypeOf(calls.at(-1)?.event)).toBe(Object.prototype);
    });

    it('receivers get what the schema makes of it', async () => {
      await sender.send(new ParcelWeighed('250'));
      expect(calls[0]?.event).toEqual({ grams: 250 });
      expect(calls[0]?.context.eventVersion).toBe(3);
    });

    it('what the schema refuses is refused, and no receiver runs', async () => {
      await expect(sender.sendRobust(new ParcelWeighed(250 as never))).rejects.toThrow(EventSchemaError);
      expect(calls).toEqual([]);
    });

    it('what would not survive the trip is refused, and no receiver runs', async () => {
      await expect(sender.send(Renamed, { name: new Map() as never })).rejects.toThrow(PayloadError);
      expect(calls).toEqual([]);
    });

    it('what the sender changes after the call is not seen', async () => {
      const event = new OrderPaid('o1');
      const sent = sender.send(event);
      event.notes.push('late');
      await sent;
      expect((calls.at(-1)?.event as OrderPaid).notes).toEqual([]);
    });

    it('a guard that refuses fails the receiver', async () => {
      const answers = await sender.sendRobust(new OrderPaid('forbidden'));
      expect(answers.find(({ receiver }) => receiver === 'guarded')?.error).toBeInstanceOf(ForbiddenException);
    });

    it('a field that is new does not trouble a receiver that does not know it', async () => {
      await sender.send('thing.renamed' as never, { name: 'a', since: 'yesterday' } as never);
      expect(calls[0]?.event).toEqual({ name: 'a', since: 'yesterday' });
    });
  });

  it('tells receivers how the event came, and that there is no delivery', async () => {
    const headers = { trace: 'abc' };
    await sender.send(
      Renamed,
      { name: 'a' },
      { headers, correlationId: 'c', tenant: 't', key: 'k', sender: 'settings' },
    );
    expect(calls[0]?.context).toMatchObject({
      via: 'send',
      deliveryId: null,
      eventId: null,
      eventName: 'thing.renamed',
      eventVersion: 1,
      receiverId: 'late.renamed',
      sender: 'settings',
      headers,
      correlationId: 'c',
      tenant: 't',
      key: 'k',
      attempt: 1,
      emittedAt: expect.any(Date),
    });
  });

  it('writes nothing to the tables', async () => {
    const before = await application.count('jobs_event');
    await sender.sendRobust(new OrderPaid('o1'));
    expect([await application.count('jobs_event'), await application.count('jobs_delivery')]).toEqual([before, 0]);
  });

  it.each([
    ['delay', { delay: '1s' }, UnknownOptionError, /send: there is no option delay.*manager, sender/],
    ['a manager in place of the options', 'manager', InvalidOptionError, /\{ manager \}/],
    ['an empty sender', { sender: '' }, PayloadError, /sender/],
    [
      'a header that is kept for the sender',
      { headers: { 'nestjs-jobs-sender': 'me' } },
      PayloadError,
      /option "sender"/,
    ],
  ])('refuses %s', async (_, options, error, message) => {
    const given = options === 'manager' ? application.dataSource.manager : options;
    const failure: unknown = await sender
      .send(Renamed, { name: 'a' }, given as never)
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error);
    expect((failure as Error).message).toMatch(message);
    expect(calls).toEqual([]);
  });
});
