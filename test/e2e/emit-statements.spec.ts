import { Injectable, type Type } from '@nestjs/common';
import { types } from 'pg';
import type { Logger, QueryRunner } from 'typeorm';
import {
  type DeliveryContext,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';
import { EmittingApplication } from '../support/emitting-application.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('ship.sailed')
class ShipSailed {
  constructor(
    readonly name: string,
    readonly cargo: readonly number[] = [],
  ) {}
}

/** The registry of `pg`, by the numbers types have in the database. */
interface TypeParsers {
  getTypeParser(id: number): (text: string) => unknown;
  setTypeParser(id: number, parse: (text: string) => unknown): void;
}

/** A class with as many receivers as asked for. */
function fleet(size: number): Type {
  @Injectable()
  class Fleet {
    receive(): void {}
  }
  for (let index = 0; index < size; index++) {
    OnReliableEvent(ShipSailed, { id: `harbour-${index}` })(
      Fleet.prototype,
      'receive',
      Object.getOwnPropertyDescriptor(Fleet.prototype, 'receive') as TypedPropertyDescriptor<() => void>,
    );
  }
  return Fleet;
}

const prepared = (runner: QueryRunner): Promise<{ name: string; runs: number }[]> =>
  runner.query(
    `select name, (generic_plans + custom_plans)::int4 as runs from pg_prepared_statements where name like 'jobs%' order by name`,
  );

/** The pool hands out connections on which other tests prepared theirs. */
async function forgetPrepared(runner: QueryRunner): Promise<void> {
  await runner.query('deallocate all');
  (await runner.connect()).connection.parsedStatements = {};
}

describe('The emit statement', () => {
  let app: EmittingApplication;

  beforeAll(async () => {
    app = await EmittingApplication.start({ providers: [fleet(50)] });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  async function onRunner<Result>(work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      return await work(runner);
    } finally {
      await runner.commitTransaction();
      await runner.release();
    }
  }

  describe('is sent once and alone', () => {
    const sail = new ShipSailed('Beagle');

    it.each<[string, (events: ReliableEvents, runner: QueryRunner) => Promise<unknown>, number]>([
      ['for fifty receivers', (events, { manager }) => events.emit(sail, { manager }), 50],
      [
        'for a hundred events',
        (events, { manager }) =>
          events.emitMany(
            Array.from({ length: 100 }, () => sail),
            { manager },
          ),
        5000,
      ],
      ['with a dedupeKey', (events, { manager }) => events.emit(sail, { manager, dedupeKey: 'a' }), 50],
      [
        'with one dedupeKey twice',
        (events, { manager }) => events.emitMany([sail, sail], { manager, dedupeKey: 'b' }),
        50,
      ],
      [
        'where a transaction is required',
        (events, { manager }) => events.emit(sail, { manager, requireTransaction: true }),
        50,
      ],
    ])('%s', async (_, emit, deliveries) => {
      const statements = await onRunner(async (runner) => {
        const client = (await runner.connect()) as { query: (...args: unknown[]) => unknown };
        const sent = jest.spyOn(client, 'query');
        await emit(app.events, runner);
        const count = sent.mock.calls.length;
        sent.mockRestore();
        return count;
      });
      expect([statements, (await app.written()).deliveries]).toEqual([1, deliveries]);
    });
  });

  describe('is kept prepared', () => {
    it("on the client of the manager's own query runner, once however often it runs", async () => {
      const found = await onRunner(async (runner) => {
        await forgetPrepared(runner);
        for (let time = 0; time < 3; time++)
          await app.events.emit(new ShipSailed('Beagle'), { manager: runner.manager });
        return prepared(runner);
      });
      expect(found).toEqual([{ name: expect.stringMatching(/^jobs_emit_one_[0-9a-f]{10}$/), runs: 3 }]);
    });

    it('under a name of its own with a dedupeKey', async () => {
      const names = await onRunner(async (runner) => {
        await forgetPrepared(runner);
        await app.events.emit(new ShipSailed('Beagle'), { manager: runner.manager });
        await app.events.emit(new ShipSailed('Beagle'), { manager: runner.manager, dedupeKey: 'a' });
        return (await prepared(runner))
          .map(({ name }) => name.replace(/_[0-9a-f]{10}$/, ''))
          .filter((name) => name.startsWith('jobs_emit'));
      });
      expect(names).toEqual(['jobs_emit_once', 'jobs_emit_one']);
    });
  });
});

describe('Behind a pooler, the emit statement', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let app: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    proxy = await TcpProxy.start(database.url);
    proxy.poseAsPooler();
    app = await TestApplication.start(database, {
      providers: [fleet(1)],
      typeorm: { url: proxy.url },
      jobs: { worker: false },
    });
  });
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await database.drop();
  });

  it('is prepared under no name, as the next one may run on another connection', async () => {
    const names = await app.dataSource.transaction(async (manager) => {
      await app.events.emit(new ShipSailed('Beagle'), { manager });
      return prepared(manager.queryRunner!);
    });
    expect(names).toEqual([]);
  });

  it('writes the same', async () => {
    await app.events.emit(new ShipSailed('Beagle'), { dedupeKey: 'a' });
    expect(await app.count('jobs_delivery')).toBeGreaterThan(0);
  });
});

const arrived: ShipSailed[] = [];

@Injectable()
class Harbour {
  @OnReliableEvent(ShipSailed, { id: 'transactional', transactional: true })
  async inItsTransaction(event: ShipSailed, { manager }: TransactionalContext): Promise<void> {
    await manager.query('select 1 as mine');
    arrived.push(event);
  }

  @OnReliableEvent(ShipSailed, { id: 'late' })
  async openedLate(event: ShipSailed, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) => manager.query('select 2 as mine'));
    arrived.push(event);
  }

  @OnReliableEvent(ShipSailed, { id: 'plain' })
  plain(event: ShipSailed): void {
    arrived.push(event);
  }
}

describe('The engine', () => {
  let database: TestDatabase;
  let app: TestApplication | undefined;

  beforeEach(async () => {
    arrived.length = 0;
    database = await TestDatabase.create();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await database.drop();
  });

  it('keeps its statements out of the query log, from boot to shutdown', async () => {
    const log: string[] = [];
    const note = (query: string): void => void log.push(query);
    const logger: Logger = {
      logQuery: note,
      logQueryError: (_, query) => note(query),
      logQuerySlow: (_, query) => note(query),
      logSchemaBuild: note,
      logMigration: note,
      log: () => undefined,
    };
    app = await TestApplication.start(database, {
      providers: [Harbour],
      typeorm: { synchronize: false, logging: true, logger, maxQueryExecutionTime: 1 },
      jobs: { migrate: true },
    });
    await app.dataSource.transaction((manager) =>
      app!.events.emitMany([new ShipSailed('Beagle'), new ShipSailed('Argo')], { manager, dedupeKey: 'one' }),
    );
    await app.events.emit(new ShipSailed('Fram'));
    log.push('-- from here on the test asks');
    await app.drained();
    await app.close();
    app = undefined;
    const asked = new Set(['select count(*)::int4 as count from jobs_delivery where true']);
    const engine = log.filter((query) => query.includes('jobs') && !asked.has(query));
    expect([engine, log.includes('select 1 as mine'), arrived.length]).toEqual([[], true, 6]);
  });

  describe("with the user's own type parsers", () => {
    const CHANGED: readonly [number, (text: string) => unknown][] = [
      [types.builtins.INT8, Number],
      [types.builtins.INT2, (text) => `${text} (smallint)`],
      [types.builtins.JSONB, (text) => text],
      [types.builtins.JSON, (text) => text],
      [types.builtins.TIMESTAMPTZ, (text) => text],
      [types.builtins.FLOAT8, (text) => text],
    ];
    const parsers: TypeParsers = types;
    const before = CHANGED.map(([id]) => parsers.getTypeParser(id));

    beforeEach(() => CHANGED.forEach(([id, parse]) => parsers.setTypeParser(id, parse)));
    afterEach(() => CHANGED.forEach(([id], at) => parsers.setTypeParser(id, before[at]!)));

    it('emits and delivers the same', async () => {
      app = await TestApplication.start(database, { providers: [Harbour], typeorm: { parseInt8: true } });
      const { id } = await app.events.emit(new ShipSailed('Beagle', [1, 2.5]), { headers: { trace: 'x' }, delay: 1 });
      const again = await app.events.emit(new ShipSailed('Beagle', []), { dedupeKey: 'b' });
      const repeated = await app.events.emit(new ShipSailed('Beagle', []), { dedupeKey: 'b' });
      await app.drained();
      expect([typeof id, repeated, arrived.filter(({ cargo }) => cargo.length === 2)]).toEqual([
        'string',
        { id: again.id, created: false },
        Array.from({ length: 3 }, () => new ShipSailed('Beagle', [1, 2.5])),
      ]);
    });
  });
});
