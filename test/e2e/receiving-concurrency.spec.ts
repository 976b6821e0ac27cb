import { Injectable, type Type } from '@nestjs/common';
import { type DeliveryContext, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { Scripts } from '../support/scripts.js';
import { Signal } from '../support/signal.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('limited.asked')
class LimitedAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('default.asked')
class DefaultAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('slow.asked')
class SlowAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('ranked.asked')
class RankedAsked {
  constructor(readonly script: string) {}
}
@ReliableEvent('all.asked')
class AllAsked {}

const scripts = new Scripts();

@Injectable()
class Receivers {
  @OnReliableEvent(LimitedAsked, { id: 'limited', concurrency: 3 })
  limited(event: LimitedAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(SlowAsked, { id: 'slow', concurrency: 3 })
  slow(event: SlowAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(RankedAsked, { id: 'ranked', concurrency: 1 })
  ranked(event: RankedAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(DefaultAsked, { id: 'default' })
  default(event: DefaultAsked, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

const RECEIVERS = 50;
const done: number[] = [];
const hang = new Signal();

/** A class with one receiver: of fifty, the first throws and the second hangs. */
function oneOfMany(number: number): Type {
  @Injectable()
  class OneOfMany {
    @OnReliableEvent(AllAsked, { id: `many-${number}`, retry: { attempts: 1 } })
    async receive(): Promise<void> {
      if (number === 0) throw new Error('the one that throws');
      if (number === 1) await hang.given;
      done.push(number);
    }
  }
  return OneOfMany;
}

describe('Receivers side by side', () => {
  let database: TestDatabase;
  let application: TestApplication;
  const start = (): Promise<TestApplication> =>
    TestApplication.start(database, {
      providers: [Receivers, ...Array.from({ length: RECEIVERS }, (_, number) => oneOfMany(number))],
    });

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await start();
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    scripts.clear();
    await application.dataSource.query('truncate jobs_delivery, jobs_dead_letter');
  });

  it('run no more at once than their concurrency', async () => {
    let running = 0;
    let most = 0;
    scripts.on('counted', async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await application.events.emitMany(Array.from({ length: 40 }, () => new LimitedAsked('counted')));
    await application.drained();

    expect([most, scripts.count('counted')]).toEqual([3, 40]);
  });

  it('use every slot, also while the others hang', async () => {
    const hanging = new Signal();
    scripts.on('hangs', () => hanging.given);
    const slots = 10;
    await application.events.emitMany(Array.from({ length: slots - 1 }, () => new DefaultAsked('hangs')));
    await until(() => scripts.count('hangs') === slots - 1);
    for (const script of ['one', 'another']) {
      await application.events.emit(new DefaultAsked(script));
      await until(() => scripts.count(script) === 1, 'the last free slot');
    }
    hanging.give();
    await application.drained();

    expect(scripts.played).toHaveLength(slots + 1);
  });

  it('do not delay each other when all runs of one are blocked', async () => {
    const blocked = new Signal();
    scripts.on('blocked', () => blocked.given);
    await application.events.emitMany(Array.from({ length: 100 }, () => new LimitedAsked('blocked')));
    await until(() => scripts.count('blocked') === 3);
    await application.events.emit(new DefaultAsked('goes on'));
    await until(() => scripts.count('goes on') === 1);
    const started = scripts.count('blocked');
    blocked.give();
    await application.drained();

    expect([started, scripts.count('blocked')]).toEqual([3, 100]);
  });

  it('hold no more deliveries than they can start, so that other processes get the rest', async () => {
    const blocked = new Signal();
    scripts.on('blocked', () => blocked.given);
    await application.events.emitMany(Array.from({ length: 20 }, () => new SlowAsked('blocked')));
    await until(() => scripts.count('blocked') === 3);
    const held = await application.count('jobs_delivery', 'worker is not null');
    blocked.give();
    await application.drained();

    expect(held).toBe(3);
  });

  it('start what has priority 0 before what has 7 when both wait', async () => {
    const first = new Signal();
    scripts.on('first', () => first.given);
    await application.events.emit(new RankedAsked('first'));
    await until(() => scripts.count('first') === 1);
    for (const priority of [7, 4, 0, 7, 0]) {
      await application.events.emit(new RankedAsked(`priority ${priority}`), { priority });
    }
    first.give();
    await application.drained();

    expect(scripts.played.slice(1).map(({ script }) => script)).toEqual([
      'priority 0',
      'priority 0',
      'priority 4',
      'priority 7',
      'priority 7',
    ]);
  });

  describe('fifty of one event, of which one throws and one hangs', () => {
    beforeEach(async () => {
      done.length = 0;
      await application.events.emit(new AllAsked());
      await until(async () => (await application.count('jobs_delivery')) === 1);
    });

    it('are all done but these two, and the emitter learns nothing of them', async () => {
      const others = Array.from({ length: RECEIVERS - 2 }, (_, index) => index + 2);
      const finished = [...done].sort((a, b) => a - b);
      hang.give();
      await application.drained();

      expect([finished, await application.count('jobs_dead_letter')]).toEqual([others, 1]);
    });
  });
});
