import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
} from '../../lib/index.js';
import { Scripts } from '../support/scripts.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly script: string) {}
}
@ReliableEvent('order.item.shipped')
class ItemShipped {
  constructor(readonly script: string) {}
}
const addressV1 = reliableEvent<{ script: string }>('address.changed', { version: 1 });
const addressV2 = reliableEvent<{ script: string }>('address.changed', {
  version: 2,
  upcasters: { 1: (payload) => payload },
});

const scripts = new Scripts();

@Injectable()
class OldReceivers {
  @OnReliableEvent(OrderPaid, { id: 'orders.old-name' })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`old ${event.script}`, context);
  }

  @OnReliableEvent(addressV1, { id: 'address' })
  onAddress(event: { script: string }, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`old ${event.script}`, context);
  }
}

@Injectable()
class NewReceivers {
  @OnReliableEvent(OrderPaid, { id: 'orders.new-name', aliases: ['orders.old-name'] })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`new ${event.script}`, context);
  }

  @OnReliableEvent(addressV2, { id: 'address' })
  onAddress(event: { script: string }, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`new ${event.script}`, context);
  }
}

@Injectable()
class AddedReceiver {
  @OnReliableEvent(OrderPaid, { id: 'added' })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`added ${event.script}`, context);
  }
}

@Injectable()
class WildcardReceiver {
  @OnReliableEvent('order.*', { id: 'wildcard' })
  onOrder(event: unknown, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`${context.eventName} ${scriptOf(event)}`, context);
  }

  @OnReliableEvent('*', { id: 'everything' })
  onAnything(event: unknown, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`anything ${scriptOf(event)}`, context);
  }
}

describe('A rolling deploy', () => {
  let database: TestDatabase;
  let running: TestApplication[];

  const start = async (
    providers: TestApplicationOptions['providers'],
    jobs: JobsModuleOptions = {},
  ): Promise<TestApplication> => {
    const application = await TestApplication.start(database, {
      ...(providers === undefined ? {} : { providers }),
      jobs,
    });
    running.push(application);
    return application;
  };
  const stop = async (application: TestApplication): Promise<void> => {
    running = running.filter((other) => other !== application);
    await application.close();
  };
  const payloads = (): string[] => scripts.played.map(({ script }) => script).sort();

  beforeEach(async () => {
    database = await TestDatabase.create();
    running = [];
    scripts.clear();
  });
  afterEach(async () => {
    await Promise.all(running.map((application) => application.close()));
    await database.drop();
  });

  it('leaves deliveries of a receiver that a process does not contain untouched', async () => {
    await stop(await start([AddedReceiver], { worker: false }));
    const old = await start([OldReceivers]);
    await old.events.emit(new OrderPaid('one'));
    await until(() => scripts.count('old one') === 1);
    // A second one proves that a look came and went after the first.
    await old.events.emit(new OrderPaid('two'));
    await until(async () => scripts.count('old two') === 1 && (await old.count('jobs_delivery')) === 2);

    expect(await old.count('jobs_delivery', 'claims = 0 and worker is null and attempts = 0')).toBe(2);
  });

  it('runs them as soon as a process has the receiver', async () => {
    await stop(await start([AddedReceiver], { worker: false }));
    const old = await start([OldReceivers]);
    await old.events.emit(new OrderPaid('one'));
    await until(() => scripts.count('old one') === 1);
    await start([AddedReceiver]);
    await old.drained();

    expect(payloads()).toEqual(['added one', 'old one']);
  });

  it('delivers to a receiver that the emitting process does not contain', async () => {
    await start([AddedReceiver]);
    const emitter = await start([], { worker: false });
    await emitter.events.emit(new OrderPaid('one'));
    await until(() => scripts.count('added one') === 1);

    expect(payloads()).toEqual(['added one']);
  });

  it('delivers once to a renamed receiver while the process with the old name still runs', async () => {
    const old = await start([OldReceivers]);
    await old.events.emit(new OrderPaid('before'));
    await until(() => scripts.count('old before') === 1);
    const renewed = await start([NewReceivers]);
    for (let index = 0; index < 20; index += 1) {
      await (index % 2 === 0 ? old : renewed).events.emit(new OrderPaid(`during ${index}`));
    }
    await old.drained();
    await stop(old);
    await renewed.events.emit(new OrderPaid('after'));
    await renewed.drained();

    expect(
      payloads()
        .map((name) => name.replace(/^(old|new) /, ''))
        .sort(),
    ).toEqual(['before', ...Array.from({ length: 20 }, (_, index) => `during ${index}`), 'after'].sort());
    expect(await renewed.count('jobs_receiver', `name = 'orders.new-name' and retired_at is null`)).toBe(1);
  });

  it('delivers under the new name what was emitted under the old one', async () => {
    await stop(await start([OldReceivers], { worker: false }));
    const emitter = await start([], { worker: false });
    await emitter.events.emit(new OrderPaid('waiting'));
    await start([NewReceivers]);
    await emitter.drained();

    expect(payloads()).toEqual(['new waiting']);
  });

  it('keeps newer versions for processes that understand them, at no attempt, while older ones go on', async () => {
    const old = await start([OldReceivers]);
    const emitter = await start([NewReceivers], { worker: false });
    const insertV1 = (): Promise<unknown> => old.events.emit(addressV1, { script: 'v1' });
    await emitter.events.emit(addressV2, { script: 'v2' });
    await insertV1();
    await until(() => scripts.count('old v1') === 1);
    await insertV1();
    await until(() => scripts.count('old v1') === 2);
    await until(async () => (await old.count('jobs_delivery')) === 1);
    const untouched = await old.count('jobs_delivery', 'version = 2 and claims = 0 and attempts = 0');
    await start([NewReceivers]);
    await old.drained();

    expect([untouched, payloads()]).toEqual([1, ['new v2', 'old v1', 'old v1']]);
  });

  it('delivers to wildcards whatever matches, also events that no process declares', async () => {
    const application = await start([WildcardReceiver]);
    await application.events.emit(new OrderPaid('a'));
    await application.events.emit(new ItemShipped('b'));
    await application.events.emit(addressV1, { script: 'c' });
    await application.drained();

    expect(payloads()).toEqual(
      ['anything a', 'anything b', 'anything c', 'order.item.shipped b', 'order.paid a'].sort(),
    );
  });

  it('hands over without losing or repeating anything while processes come and go', async () => {
    const emitter = await start([], { worker: false });
    let workers = [await start([NewReceivers]), await start([NewReceivers])];
    for (let round = 0; round < 3; round += 1) {
      await emitter.events.emitMany(Array.from({ length: 30 }, (_, at) => new OrderPaid(`${round}-${at}`)));
      const [leaving, ...staying] = workers;
      await stop(leaving!);
      workers = [...staying, await start([NewReceivers])];
    }
    await emitter.drained();

    expect([scripts.played.length, new Set(payloads()).size]).toEqual([90, 90]);
  });
});

/** A wildcard's event may be anything. */
function scriptOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'script' in event ? String(event.script) : '';
}
