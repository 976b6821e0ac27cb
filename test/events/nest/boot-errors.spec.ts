import { OnReliableEvent } from '../../../lib/events/on-reliable-event.decorator.js';
import type { OnReliableEventOptions } from '../../../lib/events/on-reliable-event-options.interface.js';
import type { EventReference } from '../../../lib/events/definition/event-types.js';
import { JobsError } from '../../../lib/errors/jobs.error.js';
import { DiscoveredReceivers } from './fixtures/discovery.js';

afterEach(() => DiscoveredReceivers.closeAll());

function boot(options: unknown, event: unknown): Promise<DiscoveredReceivers> {
  class Orders {
    @OnReliableEvent(event as EventReference, options as OnReliableEventOptions)
    on(_event: unknown) {}
  }
  return DiscoveredReceivers.of({ providers: [Orders] });
}

describe('options that stop the boot, naming class, method and option', () => {
  it.each<[unknown, string]>([
    [
      null,
      'Orders.on: option (the options) must be an object with any of id, aliases, sender, retry, timeout, concurrency, transactional, dataSource, but is null.',
    ],
    [{ tiemout: 1 }, 'Orders.on: there is no option tiemout. Did you mean timeout?'],
    [
      { group: 'a' },
      'Orders.on: there is no option group. Known here: id, aliases, sender, retry, timeout, concurrency, transactional, dataSource.',
    ],
    [{ id: '' }, 'Orders.on: option id must be 1 to 200 printable characters'],
    [{ id: ' a' }, 'but is the string " a"'],
    [{ id: 'a\nb' }, 'but is the string "a\\nb"'],
    [{ id: 'a\u202eb' }, 'but is the string "a\\u202eb"'],
    [{ id: 'x'.repeat(201) }, 'Orders.on: option id must be 1 to 200 printable characters'],
    [{ id: 5 }, 'Orders.on: option id must be 1 to 200 printable characters'],
    [
      { transactional: {} },
      'Orders.on: option transactional.groupCommit must be an integer from 2 to 50, but is undefined.',
    ],
    [
      { transactional: { groupCommit: 1 } },
      'Orders.on: option transactional.groupCommit must be an integer from 2 to 50, but is 1.',
    ],
    [
      { transactional: { groupCommits: 5 } },
      'Orders.on: there is no option transactional.groupCommits. Did you mean transactional.groupCommit?',
    ],
    [{ aliases: 'old' }, 'Orders.on: option aliases must be a list of former ids, but is the string "old".'],
    [{ aliases: ['a', ''] }, 'Orders.on: option aliases[1] must be 1 to 200 printable characters'],
    [{ retry: 5 }, 'Orders.on: option retry must be an object with any of attempts, backoff'],
    [{ retry: { attempt: 5 } }, 'Orders.on: there is no option retry.attempt. Did you mean retry.attempts?'],
    [{ retry: { attempts: 0 } }, 'Orders.on: option retry.attempts must be an integer from 1 to 32767, but is 0.'],
    [{ retry: { attempts: 1.5 } }, 'Orders.on: option retry.attempts must be an integer from 1 to 32767, but is 1.5.'],
    [{ retry: { attempts: '5' } }, 'but is the string "5".'],
    [
      { retry: { backoff: 'linear' } },
      "Orders.on: option retry.backoff must be 'exponential', 'fixed' or a function (attempt, error) => milliseconds, but is the string \"linear\".",
    ],
    [{ retry: { delay: -1 } }, 'Orders.on: option retry.delay'],
    [{ retry: { delay: 'soon' } }, 'Orders.on: option retry.delay'],
    [
      { retry: { delay: {} } },
      "Orders.on: option retry.delay must be milliseconds or text such as '30s', '5m' or '7d', but is of kind object.",
    ],
    [
      { retry: { delay: '1m', maxDelay: '1s' } },
      'Orders.on: option retry.maxDelay must be at least retry.delay (60000 ms), but is the string "1s".',
    ],
    [{ retry: { jitter: 2 } }, 'Orders.on: option retry.jitter must be a number from 0 to 1, but is 2.'],
    [{ retry: { jitter: NaN } }, 'but is NaN.'],
    [
      { retry: { nonRetryable: [() => true] } },
      'Orders.on: option retry.nonRetryable[0] must be a class of errors, but is of kind function.',
    ],
    [
      { retry: { nonRetryable: 'all' } },
      'Orders.on: option retry.nonRetryable must be a list of error classes or a function (error) => boolean',
    ],
    [{ timeout: 0 }, 'Orders.on: option timeout must be a duration from 1 to 2147483647 milliseconds, but is 0.'],
    [
      { timeout: '60d' },
      'Orders.on: option timeout must be a duration from 1 to 2147483647 milliseconds, but is the string "60d".',
    ],
    [{ timeout: true }, 'Orders.on: option timeout must be milliseconds or text'],
    [{ concurrency: 0 }, 'Orders.on: option concurrency must be an integer from 1 to 10000, but is 0.'],
    [
      { dataSource: '' },
      'Orders.on: option dataSource must be the name of a data source that JobsModule is set up for',
    ],
    [{ dataSource: 5 }, 'Orders.on: option dataSource must be the name of a data source'],
    [
      { dataSource: 'billing' },
      'Orders.on belongs to data source "billing", for which JobsModule is not set up; it is for "default".',
    ],
    [
      { transactional: 'yes' },
      'Orders.on: option transactional must be true, false or { groupCommit: 2 to 50 }, but is the string "yes".',
    ],
  ])('%j', async (options, message) => {
    const failure = await boot(options, 'order.paid').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JobsError);
    expect((failure as Error).message).toContain(message);
    expect((failure as Error).message).toContain('Orders.on');
  });
});

describe('events that stop the boot', () => {
  class Undecorated {}

  it.each<[string, unknown, string]>([
    [
      'of a circular import',
      undefined,
      'Orders.on: option event must be a class decorated with @ReliableEvent, a definition made by reliableEvent(), a name or a pattern (undefined often comes from files that import each other), but is undefined.',
    ],
    ['that are no events', { kind: 'x' }, 'Orders.on: option event must be a class decorated'],
    ['of an undecorated class', Undecorated, 'Orders.on: '],
    ['with a bad name', 'Order Paid', "Orders.on: 'Order Paid': is no event name or pattern"],
    ['with a wildcard in the middle', 'order.*.paid', "Orders.on: 'order.*.paid': is no event name or pattern"],
  ])('%s', async (_case, event, message) => {
    await expect(boot({}, event)).rejects.toThrow(message);
  });
});

describe('decorators that stop the boot', () => {
  it('disagree under one id', async () => {
    class Orders {
      @OnReliableEvent('order.paid', { id: 'orders', timeout: '5s' })
      @OnReliableEvent('order.cancelled', { id: 'orders', timeout: '6s' })
      on() {}
    }
    await expect(DiscoveredReceivers.of({ providers: [Orders] })).rejects.toThrow(
      'Orders.on: the decorators of receiver "orders" disagree about option timeout. One id is one receiver with one set of ' +
        'options; write timeout on one of the decorators only, or give them different ids.',
    );
  });

  it('agree when they say the same in other objects', async () => {
    class Orders {
      @OnReliableEvent('order.paid', { id: 'orders', retry: { attempts: 3 }, aliases: ['old'] })
      @OnReliableEvent('order.cancelled', { id: 'orders', retry: { attempts: 3 }, aliases: ['old'] })
      on() {}
    }
    const receivers = await DiscoveredReceivers.of({ providers: [Orders] });
    expect(receivers.receiver('orders')).toMatchObject({ aliases: ['old'], retry: { attempts: 3 } });
  });

  it('leave a class without a name without an id', async () => {
    const [Anonymous] = [
      class {
        on(_event: unknown) {}
      },
    ];
    OnReliableEvent('order.paid')(
      Anonymous.prototype,
      'on',
      Object.getOwnPropertyDescriptor(Anonymous.prototype, 'on')!,
    );
    const providers = [Anonymous];
    await expect(DiscoveredReceivers.of({ providers })).rejects.toThrow(
      '.on: option id must be given when the class has no name, but is undefined.',
    );
  });

  it('decorate what Nest cannot call', () => {
    const decorate = OnReliableEvent('order.paid') as (target: object, name: unknown, descriptor: unknown) => void;
    const remedy =
      'Decorate a method of the class with an ordinary name; not a static one, an accessor or one named by a symbol.';
    class Orders {}
    expect(() => decorate(Orders, 'create', { value: () => 1 })).toThrow(
      `Orders.create is decorated with @OnReliableEvent`,
    );
    expect(() => decorate(Orders.prototype, Symbol('on'), { value: () => 1 })).toThrow(
      `Orders.Symbol(on) is decorated`,
    );
    expect(() => decorate(Orders.prototype, 'total', { get: () => 1 })).toThrow(remedy);
    expect(() => decorate(Orders.prototype, 'field', undefined)).toThrow(remedy);
  });
});
