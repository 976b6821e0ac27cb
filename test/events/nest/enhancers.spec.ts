import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  Logger,
  Module,
  type NestInterceptor,
  type PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, REQUEST } from '@nestjs/core';
import { catchError, map, Observable, of, retry, tap, timeout } from 'rxjs';
import type { DeliveryContext } from '../../../lib/engine/deliveries/delivery-context.js';
import type { ReliableEventContextType } from '../../../lib/events/handlers/reliable-event-context-type.js';
import { OnReliableEvent } from '../../../lib/events/on-reliable-event.decorator.js';
import { DiscoveredReceivers } from './fixtures/discovery.js';
import { OrderPaid } from './fixtures/events.js';

let receivers: DiscoveredReceivers;
let seen: unknown[];

beforeEach(() => {
  seen = [];
});

afterEach(async () => {
  jest.restoreAllMocks();
  await DiscoveredReceivers.closeAll();
});

/** Delivers one event to the receiver "orders" of an application. */
async function deliver(...[metadata, options]: Parameters<typeof DiscoveredReceivers.of>): Promise<unknown> {
  receivers = await DiscoveredReceivers.of(metadata, options);
  return receivers.deliver('orders', 'order.paid', { orderId: '1' }, { eventId: '7' });
}

@Injectable()
class Denying implements CanActivate {
  canActivate(): boolean {
    seen.push('denied');
    return false;
  }
}

@Catch()
class Swallowing implements ExceptionFilter {
  catch(exception: unknown): string {
    seen.push(['filter', exception]);
    return 'all is well';
  }
}

/** Says its name before and after. */
class Tracing implements NestInterceptor {
  constructor(private readonly name = 'interceptor') {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seen.push(`${this.name} before`);
    return next.handle().pipe(tap(() => seen.push(`${this.name} after`)));
  }
}

function traceGuard(name: string): CanActivate {
  return { canActivate: () => Boolean(seen.push(name)) };
}

function tracePipe(name: string): PipeTransform {
  return {
    transform: (value: unknown) => {
      seen.push(name);
      return value;
    },
  };
}

describe('global enhancers', () => {
  class Orders {
    @OnReliableEvent(OrderPaid, { id: 'orders' })
    on(event: OrderPaid) {
      seen.push('handled');
      if (event.orderId === 'bad') throw new Error('bad order');
    }
  }
  const ordinary = [
    Orders,
    { provide: APP_GUARD, useClass: Denying },
    { provide: APP_FILTER, useClass: Swallowing },
    { provide: APP_INTERCEPTOR, useClass: Tracing },
    { provide: APP_PIPE, useValue: tracePipe('pipe') },
  ];

  it('leave receivers alone: an APP_GUARD that denies everything, a catch-all APP_FILTER', async () => {
    await deliver({ providers: ordinary });
    await expect(receivers.deliver('orders', 'order.paid', { orderId: 'bad' })).rejects.toThrow('bad order');
    expect(seen).toEqual(['handled', 'handled']);
  });

  it('apply when the module opts in, and a catch-all filter still turns no failure into success', async () => {
    const delivery = deliver({ providers: ordinary }, { enhancers: { global: true } });
    await expect(delivery).rejects.toBeInstanceOf(ForbiddenException);
    expect(seen).toEqual(['denied', ['filter', expect.any(ForbiddenException)]]);
  });

  it('come before those of the class and the method', async () => {
    @UseGuards(traceGuard('class guard'))
    @UseInterceptors(new Tracing('class'))
    @UsePipes(tracePipe('class pipe'))
    class Traced {
      @UseGuards(traceGuard('method guard'))
      @UseInterceptors(new Tracing('method'))
      @UsePipes(tracePipe('method pipe'))
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        seen.push('handled');
      }
    }
    const providers = [
      Traced,
      { provide: APP_GUARD, useValue: traceGuard('global guard') },
      { provide: APP_INTERCEPTOR, useValue: new Tracing('global') },
      { provide: APP_PIPE, useValue: tracePipe('global pipe') },
    ];
    await deliver({ providers }, { enhancers: { global: true } });
    expect(seen).toEqual([
      ...['global guard', 'class guard', 'method guard'],
      ...['global before', 'class before', 'method before'],
      ...['global pipe', 'class pipe', 'method pipe'],
      'handled',
      ...['method after', 'class after', 'global after'],
    ]);
  });

  it('are made for each delivery when they are request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped implements CanActivate {
      constructor(@Inject(REQUEST) private readonly delivery: DeliveryContext) {}
      canActivate(): boolean {
        return Boolean(seen.push(this.delivery.eventId));
      }
    }
    await deliver({ providers: [Orders, { provide: APP_GUARD, useClass: Scoped }] }, { enhancers: { global: true } });
    await receivers.deliver('orders', 'order.paid', { orderId: '2' }, { eventId: '8' });
    expect(seen).toEqual(['7', 'handled', '8', 'handled']);
  });
});

describe('guards', () => {
  it('are told of the event under a context type of our own', async () => {
    const guard: CanActivate = {
      canActivate: (context) => {
        const rpc = context.switchToRpc();
        seen.push(context.getType<ReliableEventContextType>(), context.getClass().name, context.getHandler().name);
        seen.push(
          context.getArgs().length,
          rpc.getData<OrderPaid>().orderId,
          rpc.getContext<DeliveryContext>().eventId,
        );
        seen.push(context.getArgByIndex<OrderPaid>(0) instanceof OrderPaid);
        return true;
      },
    };
    class Orders {
      @UseGuards(guard)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      onPaid(_event: OrderPaid) {}
    }
    await deliver({ providers: [Orders] });
    expect(seen).toEqual(['reliable-event', 'Orders', 'onPaid', 2, '1', '7', true]);
  });

  it.each([
    ['false', () => false],
    ['a promise of false', () => Promise.resolve(false)],
    ['an observable of false', () => of(false)],
    ['an empty observable', () => new Observable<boolean>((subscriber) => subscriber.complete())],
  ])('fail the delivery by returning %s', async (_case, canActivate) => {
    class Orders {
      @UseGuards({ canActivate })
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      onPaid(_event: OrderPaid) {
        seen.push('handled');
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toBeInstanceOf(ForbiddenException);
    expect(seen).toEqual([]);
  });

  it('fail the delivery with what they throw', async () => {
    const guard: CanActivate = {
      canActivate: () => {
        throw new Error('not you');
      },
    };
    @UseGuards(guard)
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      onPaid(_event: OrderPaid) {}
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('not you');
  });

  it('given as a class have the dependencies of the module that holds the receiver', async () => {
    @Injectable()
    class Named implements CanActivate {
      constructor(@Inject('name') private readonly name: string) {}
      canActivate(): boolean {
        return Boolean(seen.push(this.name));
      }
    }
    class Orders {
      @UseGuards(Named)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {}
    }
    class Analytics {
      @UseGuards(Named)
      @OnReliableEvent(OrderPaid, { id: 'analytics' })
      on(_event: OrderPaid) {}
    }
    @Module({ providers: [Orders, { provide: 'name', useValue: 'orders' }] })
    class OrdersModule {}
    @Module({ providers: [Analytics, { provide: 'name', useValue: 'analytics' }] })
    class AnalyticsModule {}

    await deliver({ imports: [OrdersModule, AnalyticsModule] });
    await receivers.deliver('analytics', 'order.paid', {});
    expect(seen).toEqual(['orders', 'analytics']);
  });

  it('can be overridden in tests', async () => {
    class Orders {
      @UseGuards(Denying)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        return 'handled';
      }
    }
    receivers = await DiscoveredReceivers.of({ providers: [Orders] }, {}, (builder) =>
      builder.overrideGuard(Denying).useValue({ canActivate: () => true }),
    );
    expect(await receivers.deliver('orders', 'order.paid', {})).toBe('handled');
  });

  it('given as a class to what a factory makes are asked for by name when Nest did not make them', async () => {
    class Orders {
      @UseGuards(Denying)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {}
    }
    const factory = { provide: 'orders', useFactory: () => new Orders() };
    await expect(deliver({ providers: [factory] })).rejects.toThrow(
      'Orders.on: Nest made no instance of Denying, which is bound to it, because the class is provided by a factory or as a value. ' +
        'Add Denying to the providers of RootTestModule, or bind an instance instead of the class.',
    );
    await expect(deliver({ providers: [factory, Denying] })).rejects.toBeInstanceOf(ForbiddenException);
  });
});

describe('filters', () => {
  it('see the failure and cannot turn it into success', async () => {
    const failure = new Error('declined');
    @UseFilters(Swallowing)
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      async on(_event: OrderPaid) {
        throw failure;
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toBe(failure);
    expect(seen).toEqual([['filter', failure]]);
  });

  it('are picked as Nest picks them: the method first, then the class, by what they catch', async () => {
    const named = (name: string, caught: (typeof Error)[]): ExceptionFilter => {
      @Catch(...caught)
      class Named implements ExceptionFilter {
        catch(exception: Error, host: ArgumentsHost): void {
          seen.push(`${name}: ${exception.message} of ${host.getArgByIndex<OrderPaid>(0).orderId}`);
        }
      }
      return new Named();
    };
    @UseFilters(named('class', []))
    class Orders {
      @UseFilters(named('method', [TypeError]))
      @OnReliableEvent('order.*', { id: 'orders' })
      on(event: unknown) {
        throw (event as OrderPaid).orderId === '1' ? new TypeError('typed') : new RangeError('ranged');
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('typed');
    await expect(receivers.deliver('orders', 'order.paid', { orderId: '2' })).rejects.toThrow('ranged');
    expect(seen).toEqual(['method: typed of 1', 'class: ranged of 2']);
  });

  it('that fail themselves are logged, and change nothing', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const broken: ExceptionFilter = {
      catch: (_exception: unknown, host: ArgumentsHost) =>
        host.switchToHttp().getResponse<{ status(code: number): void }>().status(500),
    };
    class Orders {
      @UseFilters(broken)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        throw new Error('declined');
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('declined');
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(/^An exception filter failed: TypeError: /),
      expect.stringContaining('TypeError'),
    );
  });
});

describe('pipes', () => {
  it('transform the event and are told its class', async () => {
    const metadata: ArgumentMetadata[] = [];
    const upper: PipeTransform = {
      transform: (event: OrderPaid, argument) => {
        metadata.push(argument);
        return new OrderPaid(`${event.orderId}!`);
      },
    };
    class Orders {
      @UsePipes(upper, upper)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(event: OrderPaid, context: DeliveryContext) {
        return [event.orderId, context.eventId];
      }
    }
    expect(await deliver({ providers: [Orders] })).toEqual(['1!!', '7']);
    expect(metadata[0]).toEqual({ type: 'body', metatype: OrderPaid, data: undefined });
  });

  it('fail the delivery with what they throw', async () => {
    const refusing: PipeTransform = { transform: () => Promise.reject(new Error('malformed')) };
    class Orders {
      @UsePipes(refusing)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        seen.push('handled');
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('malformed');
    expect(seen).toEqual([]);
  });
});

describe('interceptors', () => {
  const handled = jest.fn<Promise<unknown>, [OrderPaid]>();

  function ordersWith(...interceptors: NestInterceptor[]): new () => object {
    class Orders {
      @UseInterceptors(...interceptors)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(event: OrderPaid) {
        return handled(event);
      }
    }
    return Orders;
  }

  beforeEach(() => handled.mockReset());

  it('wrap the call and may change its answer', async () => {
    handled.mockResolvedValue(1);
    const doubling: NestInterceptor = {
      intercept: (_context, next) => next.handle().pipe(map((value: number) => value * 2)),
    };
    expect(await deliver({ providers: [ordersWith(new Tracing(), doubling)] })).toBe(2);
    expect(seen).toEqual(['interceptor before', 'interceptor after']);
  });

  it('cannot swallow what the handler threw', async () => {
    handled.mockRejectedValue(new Error('declined'));
    const swallowing: NestInterceptor = {
      intercept: (_context, next) => next.handle().pipe(catchError(() => of('all is well'))),
    };
    await expect(deliver({ providers: [ordersWith(swallowing)] })).rejects.toThrow('declined');
  });

  it('fail the delivery with what they throw after the handler succeeded', async () => {
    handled.mockResolvedValue(1);
    const failing: NestInterceptor = {
      intercept: (_context, next) =>
        next.handle().pipe(
          map(() => {
            throw new Error('audit failed');
          }),
        ),
    };
    await expect(deliver({ providers: [ordersWith(failing)] })).rejects.toThrow('audit failed');
  });

  it.each([
    [
      'synchronously',
      () => {
        throw new Error('broken');
      },
    ],
    ['by a promise', () => Promise.reject(new Error('broken'))],
  ])('fail the delivery when they throw %s', async (_case, intercept) => {
    await expect(deliver({ providers: [ordersWith({ intercept })] })).rejects.toThrow('broken');
    expect(handled).not.toHaveBeenCalled();
  });

  it('may retry: the last run decides', async () => {
    handled.mockRejectedValueOnce(new Error('flaky')).mockResolvedValueOnce('second');
    const retrying: NestInterceptor = { intercept: (_context, next) => next.handle().pipe(retry(1)) };
    expect(await deliver({ providers: [ordersWith(retrying)] })).toBe('second');
  });

  it('that give up do not settle the delivery before its handler', async () => {
    let finish: () => void = () => undefined;
    handled.mockReturnValue(new Promise<void>((resolve) => (finish = resolve)).then(() => void seen.push('finished')));
    let givenUp: () => void = () => undefined;
    const gaveUp = new Promise<void>((resolve) => (givenUp = resolve));
    const impatient: NestInterceptor = {
      intercept: (_context, next) => next.handle().pipe(timeout(1), tap({ error: () => givenUp() })),
    };
    const delivery = deliver({ providers: [ordersWith(impatient)] }).catch((error: unknown) =>
      seen.push((error as Error).name),
    );
    await gaveUp;
    await new Promise(setImmediate);
    expect(seen).toEqual([]);
    finish();
    await delivery;
    expect(seen).toEqual(['finished', 'TimeoutError']);
  });

  it('that give up and retry settle the delivery after every run', async () => {
    let finishFirst: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (finishFirst = resolve));
    let startedSecond: () => void = () => undefined;
    const second = new Promise<void>((resolve) => (startedSecond = resolve));
    handled.mockReturnValueOnce(first.then(() => void seen.push('first'))).mockImplementationOnce(async () => {
      startedSecond();
      return 'second';
    });
    const impatient: NestInterceptor = { intercept: (_context, next) => next.handle().pipe(timeout(1), retry(1)) };
    const delivery = deliver({ providers: [ordersWith(impatient)] }).then((answer) => seen.push(answer));
    await second;
    await new Promise(setImmediate);
    finishFirst();
    await delivery;
    expect(seen).toEqual(['first', 'second']);
  });

  it('may answer in the place of the handler', async () => {
    const known: NestInterceptor = { intercept: () => of('known already') };
    expect(await deliver({ providers: [ordersWith(known)] })).toBe('known already');
    expect(handled).not.toHaveBeenCalled();
  });

  it('hand AsyncLocalStorage contexts on to the handler', async () => {
    const storage = new AsyncLocalStorage<string>();
    handled.mockImplementation(async () => storage.getStore());
    const opening: NestInterceptor = { intercept: (_context, next) => storage.run('inside', () => next.handle()) };
    expect(await deliver({ providers: [ordersWith(opening, new Tracing())] })).toBe('inside');
  });
});

describe('what a handler may return', () => {
  it.each([
    ['an observable', () => of(1, 2)],
    ['a promise of one', () => Promise.resolve(of(1, 2))],
  ])('%s, which is run to its end', async (_case, answer) => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        return answer();
      }
    }
    expect(await deliver({ providers: [Orders] })).toBe(2);
  });

  it('fails with the error of its observable', async () => {
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        return new Observable((subscriber) => subscriber.error(new Error('late')));
      }
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('late');
  });
});

describe('scopes', () => {
  let made: number;

  beforeEach(() => {
    made = 0;
  });

  @Injectable({ scope: Scope.REQUEST })
  class PerDelivery {
    readonly number = ++made;
    constructor(@Inject(REQUEST) readonly delivery: DeliveryContext) {}
  }

  it('makes a request-scoped provider for each delivery, with the context as its request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Orders {
      constructor(private readonly shared: PerDelivery) {}

      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid, context: DeliveryContext) {
        return [this.shared.number, this.shared.delivery === context];
      }
    }
    expect(await deliver({ providers: [PerDelivery, Orders] })).toEqual([1, true]);
    expect(await receivers.deliver('orders', 'order.paid', {})).toEqual([2, true]);
  });

  it('makes what depends on something request-scoped for each delivery: controllers, guards, once for all of them', async () => {
    @Injectable()
    class ScopedGuard implements CanActivate {
      constructor(private readonly shared: PerDelivery) {}
      canActivate(): boolean {
        return Boolean(seen.push(`guard ${this.shared.number}`));
      }
    }
    @Controller()
    @UseGuards(ScopedGuard)
    class Orders {
      constructor(private readonly shared: PerDelivery) {}

      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        seen.push(`handler ${this.shared.number}`);
      }
    }
    await deliver({ controllers: [Orders], providers: [PerDelivery] });
    await receivers.deliver('orders', 'order.paid', {});
    expect(seen).toEqual(['guard 1', 'handler 1', 'guard 2', 'handler 2']);
  });

  it('makes a request-scoped guard, interceptor, pipe and filter of a static provider for each delivery', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Everything implements CanActivate, NestInterceptor, PipeTransform, ExceptionFilter {
      constructor(private readonly shared: PerDelivery) {}
      canActivate(): boolean {
        return Boolean(seen.push(`guard ${this.shared.delivery.eventId}`));
      }
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        seen.push(`interceptor ${this.shared.delivery.eventId}`);
        return next.handle();
      }
      transform(value: unknown): unknown {
        seen.push(`pipe ${this.shared.delivery.eventId}`);
        return value;
      }
      catch(): void {
        seen.push(`filter ${this.shared.delivery.eventId}`);
      }
    }
    @UseGuards(Everything)
    @UseInterceptors(Everything)
    @UsePipes(Everything)
    @UseFilters(Everything)
    @Injectable()
    class Orders {
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        throw new Error('declined');
      }
    }
    await expect(deliver({ providers: [PerDelivery, Orders] })).rejects.toThrow('declined');
    expect(seen).toEqual(['guard 7', 'interceptor 7', 'pipe 7', 'filter 7']);
    expect(made).toBe(1);
  });

  it('makes a transient provider for each delivery, and a transient guard once', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class TransientGuard implements CanActivate {
      readonly number = ++made;
      canActivate(): boolean {
        return Boolean(seen.push(`guard ${this.number}`));
      }
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Orders {
      calls = 0;
      @UseGuards(TransientGuard)
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        seen.push(`call ${++this.calls}`);
      }
    }
    await deliver({ providers: [Orders] });
    await receivers.deliver('orders', 'order.paid', {});
    expect(seen).toEqual([expect.stringMatching(/^guard/), 'call 1', seen[0], 'call 1']);
  });

  it('takes a request-scoped provider of two modules from the module that is said to run it', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    @Injectable({ scope: Scope.REQUEST })
    class Orders {
      constructor(@Inject('name') private readonly name: string) {}

      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {
        return this.name;
      }
    }
    @Module({ providers: [Orders, { provide: 'name', useValue: 'first' }] })
    class First {}
    @Module({ providers: [Orders, { provide: 'name', useValue: 'second' }] })
    class Second {}
    expect(await deliver({ imports: [First, Second] })).toBe('first');
  });

  it('keeps deliveries that run at once apart', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Orders {
      constructor(@Inject(REQUEST) private readonly delivery: DeliveryContext) {}

      @OnReliableEvent(OrderPaid, { id: 'orders' })
      async on(_event: OrderPaid) {
        await new Promise(setImmediate);
        return this.delivery.eventId;
      }
    }
    receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    const ids = Array.from({ length: 50 }, (_, index) => String(index));
    const answers = ids.map((eventId) => receivers.deliver('orders', 'order.paid', {}, { eventId }));
    expect(await Promise.all(answers)).toEqual(ids);
  });

  it('fails the delivery, not the process, when a dependency cannot be made', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Orders {
      constructor() {
        throw new Error('no tenant');
      }
      @OnReliableEvent(OrderPaid, { id: 'orders' })
      on(_event: OrderPaid) {}
    }
    await expect(deliver({ providers: [Orders] })).rejects.toThrow('no tenant');
  });
});
