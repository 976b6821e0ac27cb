import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import {
  type DeliveryContext,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';
import { type PostgresServer, startPostgres } from '../../tools/embedded-postgres.mjs';
import { LogCapture } from '../support/log-capture.js';
import { Signal } from '../support/signal.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication } from '../support/test-application.js';
import { until } from '../support/until.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly number: number) {}
}
@ReliableEvent('thing.followed')
class Followed {
  constructor(readonly number: number) {}
}
@ReliableEvent('thing.told')
class Told {
  constructor(readonly number: number) {}
}

const runs = new Map<string, number>();
const attempts = new Map<number, number[]>();
let pause: Promise<void> | undefined;
let running = 0;

@Injectable()
class Receivers {
  constructor(private readonly events: ReliableEvents) {}

  @OnReliableEvent(Happened, { id: 'first', transactional: true, retry: { attempts: 1_000, maxDelay: 100 } })
  async first({ number }: Happened, { attempt, manager }: TransactionalContext): Promise<void> {
    attempts.set(number, [...(attempts.get(number) ?? []), attempt]);
    await manager.query('insert into effect values ($1)', [`first ${number}`]);
    await this.events.emit(new Followed(number), { manager });
    running += 1;
    await pause;
    running -= 1;
  }

  @OnReliableEvent(Followed, { id: 'second', retry: { attempts: 1_000, maxDelay: 100 } })
  async second({ number }: Followed, context: DeliveryContext): Promise<void> {
    runs.set(`second ${number}`, (runs.get(`second ${number}`) ?? 0) + 1);
    await context.transaction((manager) => manager.query('insert into effect values ($1)', [`second ${number}`]));
  }

  @OnReliableEvent(Told, { id: 'third' })
  async third({ number }: Told): Promise<void> {
    runs.set(`third ${number}`, (runs.get(`third ${number}`) ?? 0) + 1);
    await pause;
  }
}

const NO_SPACE = 'No space left on device';
/** While a row is in `full_disk` the server can write none of the rows that a worker changes. */
const DISK_THAT_CAN_BE_FULL = `
create table full_disk ();
create function need_space() returns trigger language plpgsql as $$ begin
  if exists (select from full_disk) then
    raise exception 'could not extend file: ${NO_SPACE}' using errcode = 'disk_full';
  end if;
  return coalesce(new, old);
end $$;
create trigger need_space before update or delete on jobs_delivery for each row execute function need_space();
create trigger need_space before insert or update on jobs_dead_letter for each row execute function need_space();
create trigger need_space before update on jobs_worker for each row execute function need_space()`;

const EVENTS = 20;
const expected = Array.from({ length: EVENTS }, (_, number) => [`first ${number}`, `second ${number}`])
  .flat()
  .sort();

describe('A worker whose database goes wrong', () => {
  let server: PostgresServer;
  let application: TestApplication;

  const start = (jobs: JobsModuleOptions = {}): Promise<TestApplication> =>
    TestApplication.start({ url: server.url() }, { providers: [Receivers], jobs, typeorm: { poolSize: 4 } });
  const query = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new Client(server.url());
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  const effects = async (): Promise<string[]> =>
    (await query<{ text: string }>('select text from effect')).map(({ text }) => text).sort();
  const drained = (): Promise<void> =>
    until(async () => (await query('select from jobs_delivery').catch(() => [1])).length === 0, 'the drain');
  /** Emits, and resolves in the middle of the work. */
  const midway = async (): Promise<Signal> => {
    const signal = new Signal();
    pause = signal.given;
    running = 0;
    await application.events.emitMany(Array.from({ length: EVENTS }, (_, number) => new Happened(number)));
    await until(() => running > 0);
    return signal;
  };

  beforeAll(async () => {
    server = await startPostgres();
    application = await start();
    await application.dataSource.query('create table effect (text text not null)');
  });
  afterAll(async () => {
    await application.close();
    await server.stop();
  });
  beforeEach(async () => {
    await query('truncate effect, jobs_delivery, jobs_dead_letter, jobs_event');
    runs.clear();
    attempts.clear();
    pause = undefined;
  });
  it.each(['immediate', 'fast'] as const)(
    'does everything once although the server is restarted (%s)',
    async (mode) => {
      const paused = await midway();
      await server.restart(mode);
      paused.give();
      await drained();

      expect(await effects()).toEqual(expected);
    },
  );

  it('does everything once although all connections are terminated', async () => {
    const paused = await midway();
    await query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname is not null and pid <> pg_backend_pid()',
    );
    paused.give();
    await drained();

    expect(await effects()).toEqual(expected);
  });

  it('counts no interruption for a connection that was lost', async () => {
    const paused = await midway();
    await query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname is not null and pid <> pg_backend_pid()',
    );
    paused.give();
    await drained();

    expect(await query('select from jobs_dead_letter')).toEqual([]);
  });

  it('goes on when the application had exhausted the pool in the middle of the work', async () => {
    const paused = await midway();
    const runners = Array.from({ length: 4 }, () => application.dataSource.createQueryRunner());
    const held = Promise.all(runners.map((runner) => runner.connect()));
    paused.give();
    // Receivers and acknowledgements queue for connections that are handed to the application first.
    await held;
    for (const runner of runners) await runner.release();
    await drained();

    expect(await effects()).toEqual(expected);
  });

  describe('whose disk is full for a while', () => {
    const log = new LogCapture();
    const workers = (): Promise<unknown[]> => query(`select id from jobs_worker where state = 'live'`);
    const refused = (start: string): Promise<void> =>
      until(() => log.messages('warn').some((line) => line.startsWith(start) && line.includes(NO_SPACE)), start);

    beforeEach(async () => {
      application.context.useLogger(log);
      await query(DISK_THAT_CAN_BE_FULL);
    });
    afterEach(async () => {
      await query('drop function need_space cascade; drop table full_disk');
      application.context.useLogger(false);
    });

    it('loses no claim and no acknowledgement, does everything once, and goes on', async () => {
      const [before, paused] = [await workers(), await midway()];
      await application.events.emit(new Told(1));
      await until(() => runs.has('third 1'));
      await query('insert into full_disk default values');
      await application.events.emit(new Told(2));
      await refused('A claim failed');
      paused.give();
      await refused('Outcomes could not be written');
      const meanwhile = await query('select attempts, interruptions from jobs_delivery');
      await query('delete from full_disk');
      await drained();

      expect(meanwhile).toEqual(Array(EVENTS + 2).fill({ attempts: 0, interruptions: 0 }));
      expect(await effects()).toEqual(expected);
      // What was done and only not acknowledged is not done again.
      expect([runs.get('third 1'), runs.get('third 2')]).toEqual([1, 1]);
      // What was rolled back is, once, as the attempt that comes next.
      for (const seen of attempts.values()) expect([[1], [1, 2]]).toContainEqual(seen);
      expect([...attempts.values()]).toContainEqual([1, 2]);
      expect(await query('select from jobs_dead_letter')).toEqual([]);
      expect(await workers()).toEqual(before);
    });
  });

  it('makes a dead letter of a delivery whose event was deleted by hand, and does the others', async () => {
    await application.close();
    application = await start({ worker: false });
    await application.events.emitMany([new Happened(1), new Happened(2)]);
    await query(`delete from jobs_event where payload ->> 'number' = '1'`);
    await application.close();
    application = await start();
    await drained();

    expect(await effects()).toEqual(['first 2', 'second 2']);
    expect(await query('select kind, reason from jobs_dead_letter')).toEqual([
      { kind: 'dead', reason: 'its event is gone' },
    ]);
  });

  it.each([
    ['the reading of an event', 'read_events'],
    ['an acknowledgement', 'd.claims = $3 returning'],
  ])('goes on when the answer to %s never comes, on a connection that stays open', async (_what, statement) => {
    await application.close();
    application = await start({ worker: false });
    const proxy = await TcpProxy.start(server.url());
    const worker = await TestApplication.start(proxy, { providers: [Receivers], limits: { answerLimit: 200 } });
    try {
      const dropped = proxy.dropAnswerTo(statement);
      await application.events.emit(new Told(1));
      await dropped;
      await application.events.emit(new Told(2));
      await drained();

      expect(Object.fromEntries(runs)).toEqual({ 'third 1': 1, 'third 2': 1 });
    } finally {
      await worker.close();
      await proxy.close();
      await application.close();
      application = await start();
    }
  });

  it.each([-5, 5])('does everything once although the application clock is %i hours off', async (hours) => {
    jest.useFakeTimers({
      now: Date.now() + hours * 3_600_000,
      doNotFake: [
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
        'setTimeout',
        'clearTimeout',
      ],
    });
    try {
      await application.events.emitMany(
        Array.from({ length: EVENTS }, (_, number) => new Happened(number)),
        { delay: 30 },
      );
      await drained();

      expect(await effects()).toEqual(expected);
    } finally {
      jest.useRealTimers();
    }
  });
});
