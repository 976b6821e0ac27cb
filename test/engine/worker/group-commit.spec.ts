import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type ClaimedDelivery, deliveryId } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { TransactionalContext } from '../../../lib/engine/deliveries/delivery-context.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import type { Receiver } from '../../../lib/engine/receivers/receiver.js';
import { AfterCommitSubscriber } from '../../../lib/engine/wake-up/after-commit.subscriber.js';
import type { WaitingDelivery } from '../../../lib/engine/worker/receiver-lane.js';
import type { Runner } from '../../../lib/engine/worker/runner.js';
import { TransactionSlots } from '../../../lib/engine/worker/transaction-slots.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { LogCapture } from '../../support/log-capture.js';
import { Signal } from '../../support/signal.js';
import { createRunner } from './support/create-runner.js';
import { groupedReceiver } from './support/grouped-receiver.js';

type Script = (manager: EntityManager, context: TransactionalContext) => unknown;

const SETTLE_LIMIT = 1_000;
const TIMEOUT = 2_000;
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
type Name = (typeof NAMES)[number];

describe('Deliveries that are committed together', () => {
  const log = new LogCapture();
  const afterCommit = new AfterCommitSubscriber();
  let fixture: EngineFixture;
  let runner: Runner;
  let scripts: Partial<Record<Name, Script>>;
  let runs: Name[];
  let outcomes: Partial<Record<Name, Outcome>>;
  let slots: TransactionSlots;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
    fixture.dataSource.subscribers.push(afterCommit);
    await fixture.dataSource.query('create table parent (id int primary key)');
    await fixture.dataSource.query(
      'create table effect (name text not null, tx bigint not null default txid_current(), parent int references parent (id) deferrable initially deferred)',
    );
    Logger.overrideLogger(log);
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await fixture.close();
  });

  beforeEach(async () => {
    await fixture.reset();
    await fixture.dataSource.query('truncate effect');
    log.clear();
    scripts = {};
    runs = [];
    outcomes = {};
    slots = new TransactionSlots(1);
    runner = createRunner(fixture, {
      settleLimit: SETTLE_LIMIT,
      slots,
      settle: (delivery, outcome) => {
        outcomes[nameOf(delivery)] = outcome;
      },
    });
  });

  const names = new Map<string, Name>();
  const nameOf = (delivery: ClaimedDelivery): Name => {
    const name = names.get(delivery.eventId);
    if (name === undefined) throw new Error('unknown event');
    return name;
  };

  const write = (manager: EntityManager, name: string): Promise<unknown> =>
    manager.query('insert into effect (name) values ($1)', [name]);

  const receiver = (options: Partial<Receiver> = {}): Receiver =>
    groupedReceiver({
      ...options,
      invoke: async (event, context) => {
        const name = (JSON.parse(event.payload) as { name: Name }).name;
        runs.push(name);
        const { manager } = context as TransactionalContext;
        await write(manager, name);
        await scripts[name]?.(manager, context as TransactionalContext);
      },
    });

  /** Emits one event a name and claims the deliveries. */
  async function claimed(): Promise<WaitingDelivery[]> {
    for (const name of NAMES) {
      const [event] = await fixture.emit({ ...fixture.input(), payload: JSON.stringify({ name }) });
      names.set(String(event?.id), name);
    }
    const deliveries = await fixture.claim();
    const events = await fixture.deliveries.readEvents(
      fixture.database.connection,
      deliveries.map(({ eventId }) => eventId),
    );
    const byId = new Map(events.map((event) => [event.id, event]));
    return deliveries
      .map((delivery) => {
        const event = byId.get(delivery.eventId);
        if (event === undefined) throw new Error('no event');
        return { delivery, event };
      })
      .sort((one, other) => (nameOf(one.delivery) < nameOf(other.delivery) ? -1 : 1));
  }

  const effects = async (): Promise<string[]> =>
    (await fixture.rows<{ name: string }>('select name from effect order by name')).map(({ name }) => name);
  const transactions = async (): Promise<number> =>
    (await fixture.rows<{ count: number }>('select count(distinct tx)::int4 as count from effect'))[0]?.count ?? 0;
  const undelivered = async (): Promise<string[]> =>
    (await fixture.rows<{ event_id: string }>('select event_id::text from jobs_delivery')).map(
      ({ event_id }) => names.get(event_id) ?? '',
    );
  const idleInTransaction = (): Promise<number> =>
    fixture.count(
      'pg_stat_activity',
      `datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()`,
    );
  const kinds = (): Record<string, string> =>
    Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.kind]));
  const allCommitted = Object.fromEntries(NAMES.map((name) => [name, 'committed']));

  afterEach(async () => {
    // Whatever happened: no run is left, no connection keeps a transaction, and no slot is lost.
    expect(runner.running).toBe(0);
    expect(await idleInTransaction()).toBe(0);
    (await slots.acquire())();
  });

  it('share one transaction, run one after the other and are done with it', async () => {
    const rest = await runner.run(receiver(), await claimed());

    expect([rest, runs, kinds()]).toEqual([[], [...NAMES], allCommitted]);
    expect([await effects(), await transactions(), await undelivered()]).toEqual([[...NAMES], 1, []]);
    expect(runner.running).toBe(0);
  });

  it('are not hurt by one of them that fails: it alone is rolled back', async () => {
    scripts.b = () => Promise.reject(new Error('broken'));
    await runner.run(receiver(), await claimed());

    expect(runs).toEqual([...NAMES]);
    expect(kinds()).toEqual({ ...allCommitted, b: 'postponed' });
    expect(outcomes.b).toMatchObject({ failure: { kind: 'failed', attempt: 1, message: 'broken' } });
    expect([await effects(), await undelivered()]).toEqual([['a', 'c', 'd', 'e'], ['b']]);
  });

  it('are not hurt by one that broke the transaction and caught the error', async () => {
    scripts.c = (manager) => manager.query('select 1 / 0').catch(() => undefined);
    await runner.run(receiver(), await claimed());

    expect([runs, kinds()]).toEqual([[...NAMES], { ...allCommitted, c: 'postponed' }]);
    expect([await effects(), await undelivered()]).toEqual([['a', 'b', 'd', 'e'], ['c']]);
  });

  it('may all fail', async () => {
    for (const name of NAMES) scripts[name] = () => Promise.reject(new Error(name));
    await runner.run(receiver(), await claimed());

    expect(kinds()).toEqual(Object.fromEntries(NAMES.map((name) => [name, 'postponed'])));
    expect([await effects(), await undelivered()]).toEqual([[], [...NAMES]]);
  });

  it('are run again alone when the commit fails, and only the one at fault has failed', async () => {
    scripts.d = (manager) => manager.query('insert into effect (name, parent) values ($1, -1)', ['orphan']);
    await runner.run(receiver(), await claimed());

    expect(runs).toEqual([...NAMES, ...NAMES]);
    expect(kinds()).toEqual({ ...allCommitted, d: 'postponed' });
    expect(outcomes.d).toMatchObject({ failure: { attempt: 1 } });
    expect([await effects(), await transactions(), await undelivered()]).toEqual([['a', 'b', 'c', 'e'], 4, ['d']]);
    expect(log.messages('warn')).toEqual([
      expect.stringContaining('The transaction of 5 deliveries of grouped was rolled back, and each is run again'),
    ]);
  });

  it('commit nothing of one whose claim was lost meanwhile', async () => {
    const waiting = await claimed();
    const stolen = waiting[1]?.delivery;
    scripts.e = () =>
      fixture.dataSource.query('update jobs_delivery set claims = claims + 1 where event_id = $1 and claims = 1', [
        stolen?.eventId,
      ]);
    await runner.run(receiver(), waiting);

    expect(kinds()).toEqual({ ...allCommitted, b: 'lost' });
    expect([await effects(), await undelivered()]).toEqual([['a', 'c', 'd', 'e'], ['b']]);
  });

  it('are run again alone when their connection is terminated', async () => {
    let terminated = false;
    scripts.d = async (manager) => {
      if (terminated) return;
      terminated = true;
      const [own] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
      await fixture.dataSource.query('select pg_terminate_backend($1)', [own.pid]);
    };
    const rest = await runner.run(receiver(), await claimed());

    expect([await effects(), rest.map(({ delivery }) => nameOf(delivery))]).toEqual([['a', 'b', 'c'], ['e']]);
    expect(kinds()).toEqual({ a: 'committed', b: 'committed', c: 'committed', d: 'postponed' });
  });

  it('are run again alone, at no attempt, when another transaction was in their way', async () => {
    let conflicts = 0;
    scripts.b = async (manager) => {
      conflicts += 1;
      if (conflicts === 1) await manager.query(`do $$ begin raise exception 'way' using errcode = '40P01'; end $$`);
    };
    await runner.run(receiver(), await claimed());

    expect([runs, kinds()]).toEqual([[...NAMES, 'b'], allCommitted]);
    expect([await effects(), await transactions()]).toEqual([[...NAMES], 2]);
  });

  it('outlive one that hangs: its connection is destroyed, and the others take effect once', async () => {
    const never = new Promise<void>(() => undefined);
    scripts.c = () => never;
    await runner.run(receiver({ timeout: TIMEOUT }), await claimed());

    expect(kinds()).toMatchObject({ a: 'committed', b: 'committed', c: 'postponed' });
    expect(outcomes.c).toMatchObject({ failure: { kind: 'timeout', attempt: 1 } });
    expect(await effects()).not.toContain('c');
  });

  it('keep the effect of one that ended within its timeout and its signal', async () => {
    const signals: boolean[] = [];
    scripts.c = async (_manager, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signals.push(signal.aborted);
      throw new Error('told to stop');
    };
    await runner.run(receiver({ timeout: TIMEOUT }), await claimed());

    expect([signals, kinds()]).toEqual([[true], { ...allCommitted, c: 'postponed' }]);
    expect(await effects()).toEqual(['a', 'b', 'd', 'e']);
  });

  it('say so when one of them ends the transaction itself', async () => {
    scripts.b = (manager) => manager.queryRunner?.rollbackTransaction();
    await runner.run(receiver(), await claimed());

    expect(outcomes.b).toMatchObject({ kind: 'postponed', failure: { attempt: 1 } });
    expect(await effects()).not.toContain('b');
    expect(kinds()).toMatchObject({ a: 'committed' });
  });

  it('are undone by one that leaves a nested transaction open, which alone has failed', async () => {
    scripts.b = (manager) => manager.queryRunner?.startTransaction();
    await runner.run(receiver(), await claimed());

    expect(kinds()).toEqual({ ...allCommitted, b: 'postponed' });
    expect([await effects(), await undelivered()]).toEqual([['a', 'c', 'd', 'e'], ['b']]);
  });

  it('may use nested transactions', async () => {
    scripts.b = async (manager) => {
      await manager.transaction((nested) => write(nested, 'kept'));
      const inner = manager.transaction(async (nested) => {
        await write(nested, 'undone');
        throw new Error('inner');
      });
      await inner.catch(() => undefined);
    };
    await runner.run(receiver(), await claimed());

    expect([await effects(), await transactions()]).toEqual([['a', 'b', 'c', 'd', 'e', 'kept'], 1]);
  });

  it('have what waits for the commit done once all are committed, but not for one that failed', async () => {
    const called: string[] = [];
    for (const name of NAMES) {
      scripts[name] = (manager) => {
        afterCommit.after(manager, () => called.push(name));
        if (name === 'c') throw new Error('forgotten');
      };
    }
    await runner.run(receiver(), await claimed());

    expect([called, kinds()]).toEqual([['a', 'b', 'd', 'e'], { ...allCommitted, c: 'postponed' }]);
  });

  it('hand back what has not begun at shutdown, and commit what has', async () => {
    const [begun, goOn] = [new Signal(), new Signal()];
    scripts.b = async () => {
      begun.give();
      await goOn.given;
    };
    const running = runner.run(receiver(), await claimed());
    await begun.given;
    const unstarted = await runner.takeUnstarted(() => true);
    goOn.give();
    await running;

    expect(unstarted.map(nameOf)).toEqual(['c', 'd', 'e']);
    expect(kinds()).toEqual({ a: 'committed', b: 'committed' });
    expect([await effects(), await undelivered()]).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('are interrupted together when one does not stop at shutdown', async () => {
    const begun = new Signal();
    scripts.b = async () => {
      begun.give();
      await new Promise(() => undefined);
    };
    void runner.run(receiver(), await claimed());
    await begun.given;
    await runner.takeUnstarted(() => true);
    await runner.stop(new Promise(() => undefined));

    expect(kinds()).toEqual({ a: 'interrupted', b: 'interrupted' });
    expect([await effects(), (await undelivered()).length, runner.running]).toEqual([[], NAMES.length, 0]);
  });

  it('are dropped when every claim is lost', async () => {
    const [begun, goOn] = [new Signal(), new Signal()];
    scripts.b = async () => {
      begun.give();
      await goOn.given;
      throw new Error('too late');
    };
    const running = runner.run(receiver(), await claimed());
    await begun.given;
    runner.abortAsLost();
    await fixture.dataSource.query('update jobs_delivery set claims = claims + 1');
    goOn.give();

    expect(await running).toEqual([]);
    expect([kinds(), runs]).toEqual([{ a: 'lost', b: 'lost' }, ['a', 'b']]);
    expect(await effects()).toEqual([]);
  });

  it('leave the others waiting once the transaction has taken long', async () => {
    let now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    scripts.b = () => {
      now += 100_000;
    };
    try {
      const rest = await runner.run(receiver(), await claimed());

      expect(rest.map(({ delivery }) => nameOf(delivery))).toEqual(['c', 'd', 'e']);
      expect([await effects(), kinds()]).toEqual([['a', 'b'], { a: 'committed', b: 'committed' }]);
    } finally {
      clock.mockRestore();
    }
  });

  it('take no claim of an event that is for nobody here as a failure', async () => {
    await runner.run(receiver({ sender: 'somebody else' }), await claimed());

    expect([runs, kinds(), await undelivered()]).toEqual([[], allCommitted, []]);
  });

  it('take no slot for an event that is for nobody here, when it is alone', async () => {
    const [first] = await claimed();
    await runner.run(receiver({ sender: 'somebody else' }), first === undefined ? [] : [first]);

    expect([runs, kinds()]).toEqual([[], { a: 'acknowledged' }]);
  });

  it('fail one by one when no transaction can be begun', async () => {
    const connect = jest.spyOn(fixture.dataSource, 'createQueryRunner').mockImplementation(() => {
      throw new Error('no connection');
    });
    const waiting = await claimed();
    const rest = await runner.run(receiver(), waiting);
    connect.mockRestore();

    expect(rest.map(({ delivery }) => deliveryId(delivery))).toEqual(
      waiting.slice(1).map(({ delivery }) => deliveryId(delivery)),
    );
    expect([kinds(), runs]).toEqual([{ a: 'postponed' }, []]);
  });
});
