import { Controller, Injectable, Logger, Module } from '@nestjs/common';
import { InvalidReceiverError } from '../../../lib/errors/invalid-receiver.error.js';
import { reliableEvent } from '../../../lib/events/definition/reliable-event.js';
import { ReliableEvent } from '../../../lib/events/definition/reliable-event.decorator.js';
import { OnReliableEvent } from '../../../lib/events/on-reliable-event.decorator.js';
import { DiscoveredReceivers, storedEvent, deliveryContext } from './fixtures/discovery.js';
import { OrderCancelled, OrderPaid } from './fixtures/events.js';

let receivers: DiscoveredReceivers;

afterEach(async () => {
  jest.restoreAllMocks();
  await DiscoveredReceivers.closeAll();
});

describe('what is discovered', () => {
  it('calls methods of providers and controllers with the event and its context', async () => {
    const calls: unknown[] = [];

    @Injectable()
    class Orders {
      readonly self = 'orders';

      @OnReliableEvent(OrderPaid, { id: 'orders' })
      async onPaid(event: OrderPaid, context: { readonly eventId: string | null }) {
        calls.push([this.self, event, context.eventId]);
      }
    }

    @Controller()
    class Shipments {
      @OnReliableEvent(OrderPaid)
      onPaid(event: OrderPaid) {
        calls.push(event.orderId);
      }
    }

    receivers = await DiscoveredReceivers.of({ providers: [Orders], controllers: [Shipments] });
    expect(receivers.ids()).toEqual(['orders', 'Shipments.onPaid']);
    await receivers.deliver('orders', 'order.paid', { orderId: 'a' }, { eventId: '7' });
    await receivers.deliver('Shipments.onPaid', 'order.paid', { orderId: 'b' });
    expect(calls).toEqual([['orders', Object.assign(Object.create(OrderPaid.prototype), { orderId: 'a' }), '7'], 'b']);
    expect((calls[0] as unknown[])[1]).toBeInstanceOf(OrderPaid);
  });

  it('has the defaults that are documented', async () => {
    class Orders {
      @OnReliableEvent(OrderCancelled)
      onCancelled(_event: OrderCancelled) {}
    }

    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    const { retry, ...receiver } = receivers.receiver('Orders.onCancelled');
    expect(receiver).toMatchObject({
      aliases: [],
      subscriptions: [{ pattern: 'order.cancelled', version: 3 }],
      timeout: 1_800_000,
      concurrency: null,
      transactional: false,
    });
    expect([retry.attempts, retry.jitter]).toEqual([20, 0.2]);
    expect([1, 2, 3, 13, 2_000].map((attempt) => retry.delay(attempt, undefined))).toEqual([
      1_000, 2_000, 4_000, 3_600_000, 3_600_000,
    ]);
    expect(retry.isFinal(new Error())).toBe(false);
  });

  it('finds receivers behind factories, values, class providers and base classes, and aliases only once', async () => {
    const calls: string[] = [];

    abstract class Base {
      @OnReliableEvent('order.*')
      on() {
        calls.push(this.constructor.name);
      }
    }
    class ByClass extends Base {}
    class ByFactory extends Base {}
    class ByAsyncFactory extends Base {}
    class ByValue extends Base {}
    class Overriding extends Base {
      override on() {
        calls.push('never');
      }
    }

    receivers = await DiscoveredReceivers.of({
      providers: [
        { provide: 'class', useClass: ByClass },
        { provide: 'factory', useFactory: () => new ByFactory() },
        { provide: 'async factory', useFactory: () => Promise.resolve(new ByAsyncFactory()) },
        { provide: 'value', useValue: new ByValue() },
        { provide: 'alias', useExisting: 'value' },
        { provide: 'handed on', useFactory: (value: ByValue) => value, inject: ['value'] },
        Overriding,
      ],
    });
    expect(receivers.ids().sort()).toEqual(['ByAsyncFactory.on', 'ByClass.on', 'ByFactory.on', 'ByValue.on']);
    for (const id of receivers.ids()) await receivers.deliver(id, 'order.paid', {});
    expect(calls.sort()).toEqual(['ByAsyncFactory', 'ByClass', 'ByFactory', 'ByValue']);
  });

  it('is not put off by values that are no classes', async () => {
    const withoutPrototype = Object.create(null) as object;
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('not to be read');
        },
      },
    );
    receivers = await DiscoveredReceivers.of({
      providers: [
        { provide: 'null prototype', useValue: withoutPrototype },
        { provide: 'its child', useValue: Object.create(withoutPrototype) as object },
        { provide: 'undefined', useValue: undefined },
        { provide: 'null', useValue: null },
        { provide: 'number', useValue: 1 },
        { provide: 'function', useValue: () => 1 },
        { provide: 'array', useValue: [] },
        { provide: 'nothing', useFactory: () => null },
        { provide: 'hostile', useFactory: () => ({ hostile }) },
      ],
    });
    expect(receivers.ids()).toEqual([]);
  });

  it('does not depend on what a decorator further up makes of the method', async () => {
    const replaceWithoutMetadata = (
      _target: object,
      _name: string,
      descriptor: TypedPropertyDescriptor<() => string>,
    ): void => {
      const original = descriptor.value!;
      descriptor.value = function (this: unknown) {
        return `wrapped ${original.call(this)}`;
      };
    };

    class Orders {
      @replaceWithoutMetadata
      @OnReliableEvent('c', { id: 'outer' })
      @replaceWithoutMetadata
      @OnReliableEvent('b', { id: 'inner' })
      on() {
        return 'called';
      }
    }

    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    expect(receivers.ids().sort()).toEqual(['inner', 'outer']);
    expect(await receivers.deliver('inner', 'b', {})).toBe('wrapped wrapped called');
  });

  it('calls the method that the instance has at the time, so that it can be spied upon', async () => {
    class Orders {
      @OnReliableEvent('order.paid', { id: 'orders' })
      on() {
        return 'original';
      }
    }
    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    jest.spyOn(receivers.get(Orders), 'on').mockReturnValue('spy');
    expect(await receivers.deliver('orders', 'order.paid', {})).toBe('spy');
  });
});

describe('events of a receiver', () => {
  it('stacks: decorators of one id are one receiver, of several ids several', async () => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'both', timeout: '5s' })
      @OnReliableEvent(OrderCancelled, { id: 'both', timeout: '5s', concurrency: 2 })
      @OnReliableEvent('order.*', { id: 'audit', timeout: false })
      on(event: unknown) {
        return event;
      }
    }

    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    expect(receivers.ids()).toEqual(['both', 'audit']);
    expect(receivers.receiver('both')).toMatchObject({
      subscriptions: [
        { pattern: 'order.paid', version: 1 },
        { pattern: 'order.cancelled', version: 3 },
      ],
      timeout: 5_000,
      concurrency: 2,
    });
    expect(receivers.receiver('audit')).toMatchObject({
      subscriptions: [{ pattern: 'order.*', version: null }],
      timeout: null,
    });
    expect(await receivers.deliver('both', 'order.paid', { orderId: '1' })).toBeInstanceOf(OrderPaid);
    expect(await receivers.deliver('both', 'order.cancelled', { orderId: '1' })).toBeInstanceOf(OrderCancelled);
    expect(await receivers.deliver('audit', 'order.paid', { orderId: '1' })).toEqual({ orderId: '1' });
  });

  it('decodes what it listens to by definition; a name gets the stored payload of any version', async () => {
    const shipped = reliableEvent<{ count: number }>('order.shipped', {
      version: 2,
      upcasters: { 1: ({ n }) => ({ count: n ?? 0 }) },
    });

    class Orders {
      @OnReliableEvent(shipped, { id: 'by definition' })
      onShipped(event: { count: number }) {
        return event;
      }

      @OnReliableEvent('order.shipped', { id: 'by name' })
      onName(event: unknown) {
        return event;
      }
    }

    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    expect(receivers.receiver('by definition').subscriptions).toEqual([{ pattern: 'order.shipped', version: 2 }]);
    expect(receivers.receiver('by name').subscriptions).toEqual([{ pattern: 'order.shipped', version: null }]);
    expect(await receivers.deliver('by definition', 'order.shipped', { n: 3 })).toEqual({ count: 3 });
    expect(await receivers.deliver('by name', 'order.shipped', { n: 3 })).toEqual({ n: 3 });
    const newer = storedEvent('order.shipped', { x: 1 }, { version: 9 });
    expect(await receivers.receiver('by name').invoke(newer, deliveryContext())).toEqual({ x: 1 });
  });

  it('fails a delivery of an event it does not listen to any more', async () => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {}
    }
    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    await expect(receivers.deliver('orders', 'order.cancelled', {})).rejects.toThrow(
      'Receiver "orders" does not listen to "order.cancelled" any more',
    );
  });
});

describe('two of one id', () => {
  it('is one receiver and a warning when two modules provide the class', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();

    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {}
    }
    @Module({ providers: [Orders] })
    class First {}
    @Module({ providers: [Orders] })
    class Second {}

    receivers = await DiscoveredReceivers.of({ imports: [First, Second] });
    expect(receivers.ids()).toEqual(['orders']);
    expect(warn.mock.calls).toEqual([
      [
        'Orders is provided more than once (First, Second); receiver "orders" runs on the instance of First only. ' +
          'Provide the class in one module and export it there.',
      ],
    ]);
  });

  it('fails the boot when they are two receivers', async () => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'same' })
      on(_event: OrderPaid) {}
    }
    class Analytics {
      @OnReliableEvent(OrderPaid, { id: 'same' })
      count(_event: OrderPaid) {}
    }
    @Module({ providers: [Orders] })
    class OrdersModule {}
    @Module({ providers: [Analytics] })
    class AnalyticsModule {}

    await expect(DiscoveredReceivers.of({ imports: [OrdersModule, AnalyticsModule] })).rejects.toThrow(
      'Two receivers have the id "same": Orders.on (OrdersModule) and Analytics.count (AnalyticsModule). ' +
        "An id names one receiver in the database; give one of them another id, for example { id: 'same-2' }.",
    );
  });

  it('fails the boot when two methods of one class have it', async () => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'same' })
      on(_event: OrderPaid) {}
      @OnReliableEvent(OrderCancelled, { id: 'same' })
      off(_event: OrderCancelled) {}
    }
    await expect(DiscoveredReceivers.of({ providers: [Orders] })).rejects.toThrow('Orders.on');
  });

  it.each([
    ['the id of another', { id: 'a', aliases: ['b'] }, { id: 'b' }],
    ['the id of another, found first', { id: 'b' }, { id: 'a', aliases: ['b'] }],
    ['an alias of another', { id: 'a', aliases: ['c'] }, { id: 'b', aliases: ['c'] }],
    ['its own id', { id: 'a', aliases: ['a'] }, { id: 'b' }],
  ])('fails the boot when an alias is %s', async (_case, first, second) => {
    class Orders {
      @OnReliableEvent('x', first)
      first() {}
      @OnReliableEvent('x', second)
      second() {}
    }
    await expect(DiscoveredReceivers.of({ providers: [Orders] })).rejects.toThrow(
      /Orders\.(first|second): option aliases contains "[abc]", which is (the id of|an alias of|its own id)/,
    );
  });

  it('refuses two definitions of one event', async () => {
    @ReliableEvent('order.paid')
    class OtherOrderPaid {}
    class Orders {
      @OnReliableEvent(OrderPaid)
      first(_event: OrderPaid) {}
      @OnReliableEvent(OtherOrderPaid)
      second(_event: OtherOrderPaid) {}
    }
    const boot = DiscoveredReceivers.of({ providers: [Orders] });
    await expect(boot).rejects.toThrow(InvalidReceiverError);
    await expect(boot).rejects.toThrow(/^Orders\.second: .*OtherOrderPaid/);
  });
});
