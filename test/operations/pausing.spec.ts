import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  Receivers,
  type TransactionalContext,
} from '../../lib/index.js';
import { Asked, Noted, ReceivingProcess } from '../support/receiving-process.js';
import { Scripts } from '../support/scripts.js';
import { Signal } from '../support/signal.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly script: string) {}
}

const scripts = new Scripts();

@Injectable()
class Slow {
  @OnReliableEvent(OrderPaid, { id: 'slow', concurrency: 1 })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

@Injectable()
class Quick {
  @OnReliableEvent(OrderPaid, { id: 'quick' })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(`quick ${event.script}`, context);
  }
}

@Injectable()
class Transactional {
  @OnReliableEvent(OrderPaid, { id: 'transactional', transactional: true, concurrency: 2 })
  onPaid(event: OrderPaid, context: TransactionalContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

@Injectable()
class RenamedSlow {
  @OnReliableEvent(OrderPaid, { id: 'renamed', aliases: ['slow'] })
  onPaid(event: OrderPaid, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

const actor = { actor: 'user:7' };

describe('A paused receiver', () => {
  let database: TestDatabase;
  let operator: TestApplication;
  let receivers: Receivers;
  const running: TestApplication[] = [];
  const children: ReceivingProcess[] = [];

  async function start(
    providers: TestApplicationOptions['providers'],
    options: Partial<TestApplicationOptions> = {},
    at: Pick<TestDatabase, 'url'> = database,
  ): Promise<TestApplication> {
    const application = await TestApplication.start(at, { ...options, providers: providers ?? [] });
    running.push(application);
    return application;
  }

  async function startChild(): Promise<ReceivingProcess> {
    const child = await ReceivingProcess.start({ url: database.url, worker: {} });
    children.push(child);
    return child;
  }

  const emit = (...scripts: readonly string[]): Promise<unknown> =>
    operator.events.emitMany(scripts.map((script) => new OrderPaid(script)));

  /** How much of a receiver is in which hands. */
  const count = (receiver: string, condition: string): Promise<number> =>
    operator.count(
      'jobs_delivery',
      `receiver = (select id from jobs_receiver where name = '${receiver}') and ${condition}`,
    );

  /**
   * Every live worker has heard what was decided until now. The beat that brings it is seen when the server begins it; once the next one
   * begins, its answer has left the thread, ahead of whatever wakes the worker from then on.
   */
  async function everybodyHasHeard(): Promise<void> {
    await everybodyBeats();
    await everybodyBeats();
  }

  async function everybodyBeats(): Promise<void> {
    const [{ now }] = await operator.dataSource.query<[{ now: string }]>('select clock_timestamp()::text as now');
    const deaf = `state = 'live' and not exists (select from pg_stat_activity a where a.pid = jobs_worker.backend_pid
      and a.query like '%silent_for%' and a.query_start > '${now}')`;
    const waiting = new Set((await workers(deaf)).map(String));
    await until(async () => {
      const left = new Set((await workers(deaf)).map(String));
      for (const worker of waiting) if (!left.has(worker)) waiting.delete(worker);
      return waiting.size === 0;
    }, 'a beat of every worker');
  }

  async function workers(condition: string): Promise<number[]> {
    const rows = await operator.dataSource.query<{ id: number }[]>(`select id from jobs_worker where ${condition}`);
    return rows.map(({ id }) => id);
  }

  beforeEach(async () => {
    database = await TestDatabase.create();
    operator = await TestApplication.start(database, { jobs: { worker: false } });
    receivers = operator.context.get(Receivers, { strict: false });
    scripts.clear();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(running.splice(0).map((application) => application.close()));
    await operator.close();
    await database.drop();
  });

  describe('in several processes', () => {
    it('stops in all of them, while others go on; and runs in all of them when it is resumed', async () => {
      const two = [await startChild(), await startChild()];
      const startedIn = (child: ReceivingProcess): number =>
        child.reports.filter(({ kind }) => kind === 'started').length;
      await receivers.pause('asked', actor);
      await everybodyHasHeard();
      await operator.events.emitMany(Array.from({ length: 300 }, (_, number) => new Asked('nothing', number)));
      await operator.events.emitMany(Array.from({ length: 50 }, (_, number) => new Noted(number)));
      await until(async () => (await count('noted', 'true')) === 0, 'the other receiver');

      expect(two.map(startedIn)).toEqual([0, 0]);
      expect(await count('asked', 'worker is null and claims = 0')).toBe(300);

      await receivers.resume('asked', actor);
      await operator.drained();
      expect(startedIn(two[0]!) + startedIn(two[1]!)).toBe(300);
    });

    it('finishes what runs', async () => {
      const child = await startChild();
      await operator.events.emit(new Asked('finish when told'));
      await child.started('finish when told');
      await receivers.pause('asked', actor);
      await everybodyHasHeard();
      child.finish();
      await until(() => child.reports.some(({ kind }) => kind === 'finished'));
      await until(async () => (await count('asked', 'true')) === 0);
      expect(await operator.count('jobs_dead_letter')).toBe(0);
    });

    it('stays so in processes that start later, from their first claim on', async () => {
      await (await start([Slow, Quick], { jobs: { worker: false } })).close();
      running.pop();
      await receivers.pause('slow', actor);
      await emit('one');
      await start([Slow, Quick]);
      await until(() => scripts.count('quick one') === 1);
      // A second one proves that a look came and went after the first.
      await emit('two');
      await until(() => scripts.count('quick two') === 1);
      expect([scripts.count('one'), await count('slow', 'claims = 0')]).toEqual([0, 2]);
    });

    it('stays so when it is renamed by an alias', async () => {
      await (await start([Slow, Quick], { jobs: { worker: false } })).close();
      running.pop();
      await receivers.pause('slow', actor);
      await start([RenamedSlow, Quick]);
      await emit('one');
      await until(() => scripts.count('quick one') === 1);
      expect([scripts.count('one'), await count('renamed', 'claims = 0')]).toEqual([0, 1]);
      await receivers.resume('renamed', actor);
      await operator.drained();
      expect(scripts.count('one')).toBe(1);
    });
  });

  it('stops and goes on without a notification, by what the beat of its process brings', async () => {
    await start([Slow, Quick]);
    await operator.dataSource.query(
      `update jobs_receiver set paused_at = now(), paused_by = 'sql' where name = 'slow'`,
    );
    await everybodyHasHeard();
    await emit('one');
    await until(() => scripts.count('quick one') === 1);
    expect(await count('slow', 'claims = 0')).toBe(1);
    await operator.dataSource.query(`update jobs_receiver set paused_at = null, paused_by = null`);
    await operator.drained();
    expect(scripts.count('one')).toBe(1);
  });

  it.each<[string, (new () => object)[]]>([
    ['beside others', [Slow, Quick]],
    ['although nothing is left to claim for', [Slow]],
  ])('stops and goes on behind a pooler, where nobody is heard, %s', async (_, providers) => {
    const proxy = await TcpProxy.start(database.url);
    try {
      proxy.poseAsPooler();
      const application = await start(providers, { jobs: { worker: { lease: '1h' } } }, proxy);
      expect(await workers(`mode = 'lease'`)).toHaveLength(1);
      await receivers.pause('slow', actor);
      await until(async () => {
        // Each claim asks; the lease itself is renewed every ten minutes.
        await emit('probe');
        await until(async () => (await count('slow', 'worker is not null')) === 0);
        return (await count('slow', 'claims = 0')) > 0;
      }, 'the pause');
      const before = scripts.count('probe');
      await receivers.resume('slow', actor);
      await operator.drained();
      expect(scripts.count('probe')).toBeGreaterThan(before);
      await application.close();
      running.pop();
    } finally {
      await proxy.close();
    }
  });

  it('gives back at once what it had claimed and not begun', async () => {
    await start([Slow], { limits: { staleAfter: 3_600_000 } });
    const finish = new Signal();
    scripts.on('blocks', () => finish.given);
    // Fast at first, so that it claims ahead.
    await emit(...Array.from({ length: 400 }, () => 'fast'), 'blocks', ...Array.from({ length: 400 }, () => 'fast'));
    await until(() => scripts.count('blocks') === 1);
    const started = scripts.count('fast');
    await receivers.pause('slow', actor);
    await until(async () => (await count('slow', 'worker is not null')) === 1, 'what was claimed ahead');
    finish.give();
    await until(async () => (await count('slow', 'worker is not null')) === 0);
    expect([scripts.count('fast'), await count('slow', 'interruptions = 0')]).toEqual([started, 800 - started]);
    await receivers.resume('slow', actor);
    await operator.drained();
    expect(scripts.count('fast')).toBe(800);
  });

  it('gives back what waits for a transaction of its process', async () => {
    await start([Transactional], { jobs: { worker: { transactionalConcurrency: 1 } } });
    const finish = new Signal();
    scripts.on('holds the transaction', () => finish.given);
    await emit('holds the transaction');
    await until(() => scripts.count('holds the transaction') === 1);
    await emit('waits');
    await until(async () => (await count('transactional', 'worker is not null')) === 2);
    await receivers.pause('transactional', actor);
    await until(async () => (await count('transactional', 'worker is not null')) === 1);
    finish.give();
    await until(async () => (await count('transactional', 'true')) === 1);
    expect(scripts.count('waits')).toBe(0);
    await receivers.resume('transactional', actor);
    await operator.drained();
    expect(scripts.count('waits')).toBe(1);
  });

  it('leaves others their pace, and its own deliveries untouched, however many wait', async () => {
    await start([Slow, Quick], { jobs: { worker: { pollInterval: 20 } } });
    await receivers.pause('slow', actor);
    await everybodyHasHeard();
    for (let round = 0; round < 5; round += 1)
      await emit(...Array.from({ length: 200 }, (_, index) => `${round}-${index}`));
    await until(async () => (await count('quick', 'true')) === 0);
    expect(await count('slow', 'claims = 0 and worker is null')).toBe(1000);
  });

  describe('whose concurrency is set', () => {
    const hold = (signal: Signal): void => scripts.on('holds', () => signal.given);

    it.each<[string, JobsModuleOptions]>([['at run time', {}]])('runs so many at once %s', async (_, jobs) => {
      await start([Slow], { jobs });
      const finish = new Signal();
      hold(finish);
      await emit(...Array.from({ length: 6 }, () => 'holds'));
      await until(() => scripts.count('holds') === 1);
      await receivers.setConcurrency('slow', 3, actor);
      await until(() => scripts.count('holds') === 3);
      finish.give();
      await operator.drained();
      const again = new Signal();
      hold(again);
      await receivers.setConcurrency('slow', null, actor);
      await everybodyHasHeard();
      await emit('holds', 'holds', 'witness');
      await until(() => scripts.count('holds') === 7);
      expect(await count('slow', 'worker is not null')).toBe(1);
      again.give();
      await operator.drained();
      expect(scripts.count('holds')).toBe(8);
    });

    it('runs so many at once in processes that start later', async () => {
      await (await start([Slow], { jobs: { worker: false } })).close();
      running.pop();
      await receivers.setConcurrency('slow', 2, actor);
      const finish = new Signal();
      hold(finish);
      await emit('holds', 'holds', 'holds');
      await start([Slow]);
      await until(() => scripts.count('holds') === 2);
      finish.give();
      await operator.drained();
    });
  });
});
