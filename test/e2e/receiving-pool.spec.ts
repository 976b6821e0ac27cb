import { Injectable, type Type } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  type DeliveryContext,
  type JobsWorkerOptions,
  OnReliableEvent,
  ReliableEvent,
  type TransactionalContext,
} from '../../lib/index.js';
import { Signal } from '../support/signal.js';
import { TestApplication, type TestApplicationOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly number: number) {}
}

/** Holds whoever comes until it is opened, and counts them. */
class Gate {
  readonly held: string[] = [];
  private opened = new Signal();

  pass(who: string): Promise<void> {
    this.held.push(who);
    return this.opened.given;
  }

  open(): void {
    this.opened.give();
  }
}

@Injectable()
class Strayers {
  constructor(private readonly dataSource: DataSource) {}

  @OnReliableEvent(Happened, { id: 'first', transactional: true })
  first(_event: Happened, { manager }: TransactionalContext): Promise<void> {
    return this.stray(manager);
  }

  @OnReliableEvent(Happened, { id: 'second', transactional: true })
  second(_event: Happened, { manager }: TransactionalContext): Promise<void> {
    return this.stray(manager);
  }

  @OnReliableEvent(Happened, { id: 'third' })
  async third(_event: Happened, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) => this.stray(manager));
  }

  private async stray(manager: EntityManager): Promise<void> {
    await manager.query('insert into effect values (1)');
    // Past the transaction: it needs a second connection while the first is held.
    await goAstray(this.dataSource);
    held = Math.max(held, await openTransactions(this.dataSource));
  }
}

function strayer(concurrency: number): Type {
  @Injectable()
  class Strayer {
    @OnReliableEvent(Happened, { id: 'own', transactional: true, concurrency })
    own(): void {}
  }
  return Strayer;
}

let held = 0;
let goAstray: (dataSource: DataSource) => Promise<unknown>;

const both = new Gate();

@Injectable()
class Waiters {
  @OnReliableEvent(Happened, { id: 'one', transactional: true })
  one(): Promise<void> {
    return both.pass('one');
  }

  @OnReliableEvent(Happened, { id: 'other', transactional: true })
  other(): Promise<void> {
    return both.pass('other');
  }
}

describe('Transactional receivers and the pool', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(async () => {
    await database.drop();
  });
  const start = (poolSize: number, options: TestApplicationOptions = {}): Promise<TestApplication> =>
    TestApplication.start(database, { typeorm: { poolSize }, ...options });

  async function runAll(poolSize: number, worker: JobsWorkerOptions): Promise<void> {
    held = 0;
    const application = await start(poolSize, { providers: [Strayers], jobs: { worker } });
    try {
      await application.dataSource.query('create table if not exists effect (one int)');
      await application.dataSource.query('truncate effect');
      await application.events.emitMany(Array.from({ length: 20 }, (_, number) => new Happened(number)));
      await application.drained();

      expect([await application.count('effect'), await application.count('jobs_dead_letter')]).toEqual([60, 0]);
    } finally {
      await application.close();
    }
  }

  it.each([
    [2, {}],
    [3, {}],
    [10, {}],
    [3, { transactionalConcurrency: 2 }],
    [10, { transactionalConcurrency: 9, concurrency: 50 }],
  ])(
    'of %i connections never wait for each other, each with a stray repository call (%j)',
    async (poolSize, worker) => {
      goAstray = (dataSource) => dataSource.query('select 1');
      await runAll(poolSize, worker);
      expect(held).toBeLessThan(poolSize);
    },
  );

  it.each([
    [2, {}],
    [3, { transactionalConcurrency: 2 }],
  ])(
    'of %i connections never wait for each other, each with a transaction of its own beside (%j)',
    async (poolSize, worker) => {
      goAstray = (dataSource) => dataSource.transaction((own) => own.query('select 1'));
      await runAll(poolSize, worker);
    },
  );

  it('hold seven of ten, and one alone six of them, unless told otherwise', async () => {
    const application = await start(10, { providers: [Waiters] });
    try {
      await application.events.emitMany(Array.from({ length: 20 }, (_, number) => new Happened(number)));
      await until(() => both.held.length === 7, 'seven transactions');
      expect(Math.max(...['one', 'other'].map((id) => both.held.filter((held) => held === id).length))).toBe(6);
      expect(await openTransactions(application.dataSource)).toBe(7);
      both.open();
      await until(() => both.held.length === 40, 'the others');
    } finally {
      await application.close();
    }
  });

  it.each([
    [
      'worker.transactionalConcurrency',
      { jobs: { worker: { transactionalConcurrency: 3 } } },
      'worker.transactionalConcurrency is 3, which cannot work with a pool of 3 connections: a receiver that calls a repository beside ' +
        'its transaction would wait for ever. Use at most 2, or raise poolSize of the data source to at least 4.',
    ],
    [
      'the concurrency of a transactional receiver',
      { providers: [strayer(5)] },
      'concurrency of the transactional receiver "own" is 5, which cannot work with a pool of 3 connections: a receiver that calls a ' +
        'repository beside its transaction would wait for ever. Use at most 2, or raise poolSize of the data source to at least 6.',
    ],
  ])('refuses to boot when %s cannot work, and says what would', async (_option, options, message) => {
    await expect(start(3, options)).rejects.toThrow(message);
  });

  it('boots when an explicit number leaves one connection free', async () => {
    const application = await start(3, { providers: [strayer(2)] });
    await application.close();
  });
});

async function openTransactions(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<[{ count: number }]>(
    `select count(*)::int4 as count from pg_stat_activity
     where datname = current_database() and xact_start is not null and state = 'idle in transaction'`,
  );
  return row.count;
}
