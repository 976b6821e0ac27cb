import { Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import {
  ForeignManagerError,
  OnReliableEvent,
  ReliableEvent,
  TransactionEndedError,
  TransactionRequiredError,
} from '../../lib/index.js';
import { EmittingApplication, NOTHING } from '../support/emitting-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('order.placed')
class OrderPlaced {
  constructor(readonly orderId: string) {}
}

@Injectable()
class Receivers {
  @OnReliableEvent(OrderPlaced, { id: 'one' })
  one(): void {}

  @OnReliableEvent(OrderPlaced, { id: 'two' })
  two(): void {}
}

const ONE_EVENT = { events: 1, deliveries: 2, keys: 0 };

describe('The transaction an event joins', () => {
  let app: EmittingApplication;
  let resolved: EntityManager | undefined;

  beforeAll(async () => {
    app = await EmittingApplication.start(
      { providers: [Receivers], typeorm: { poolSize: 3 } },
      { transactionManager: () => resolved },
    );
    await app.dataSource.query('create table stock (item text primary key)');
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    resolved = undefined;
    await app.clear();
    await app.dataSource.query('truncate stock');
  });

  /** Rolls back whatever `work` wrote with the manager it is given. */
  async function rolledBack(work: (manager: EntityManager) => Promise<unknown>): Promise<void> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await work(runner.manager);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  describe('is', () => {
    it('that of the manager it is given, before all others', async () => {
      await rolledBack((other) => {
        resolved = other;
        return app.dataSource.transaction((manager) => app.events.emit(new OrderPlaced('1'), { manager }));
      });
      expect(await app.written()).toEqual(ONE_EVENT);
    });

    it('the one the resolver finds, when it is given none', async () => {
      await rolledBack((manager) => {
        resolved = manager;
        return app.events.emit(new OrderPlaced('1'));
      });
      expect(await app.written()).toEqual(NOTHING);
    });

    it("the data source's own manager when the resolver finds none", async () => {
      await rolledBack(() => app.events.emit(new OrderPlaced('1')));
      expect(await app.written()).toEqual(ONE_EVENT);
    });

    it("what the data source's manager is at the moment of the call", async () => {
      const { manager } = app.dataSource;
      await rolledBack(async (other) => {
        Object.defineProperty(app.dataSource, 'manager', { value: other, configurable: true });
        try {
          await app.events.emit(new OrderPlaced('1'));
        } finally {
          Object.defineProperty(app.dataSource, 'manager', { value: manager, configurable: true });
        }
      });
      expect(await app.written()).toEqual(NOTHING);
    });

    it('that of the manager for all events of emitMany', async () => {
      await rolledBack((manager) => app.events.emitMany([new OrderPlaced('1'), new OrderPlaced('2')], { manager }));
      expect(await app.written()).toEqual(NOTHING);
    });
  });

  describe('of a savepoint', () => {
    it('leaves nothing of what was emitted in it when it is rolled back to', async () => {
      await app.dataSource.transaction(async (manager) => {
        await app.events.emit(new OrderPlaced('kept'), { manager });
        await expect(
          manager.transaction(async (nested) => {
            await app.events.emit(new OrderPlaced('gone'), { manager: nested, dedupeKey: 'gone' });
            throw new Error('back to the savepoint');
          }),
        ).rejects.toThrow('back to the savepoint');
      });
      expect(await app.written()).toEqual(ONE_EVENT);
    });

    it('keeps what was emitted in it when it is released', async () => {
      await app.dataSource.transaction((manager) =>
        manager.transaction((nested) => app.events.emit(new OrderPlaced('1'), { manager: nested })),
      );
      expect(await app.written()).toEqual(ONE_EVENT);
    });
  });

  describe('when it is required', () => {
    const required = { requireTransaction: true };

    it('is missing without a manager', async () => {
      await expect(app.events.emit(new OrderPlaced('1'), required)).rejects.toThrow(
        'requireTransaction is set, but there is no transaction to join. Pass { manager } of an open one, ' +
          "or give JobsModule the option transactionManager that finds the application's.",
      );
    });

    it("is missing with the data source's own manager", async () => {
      const { manager } = app;
      await expect(app.events.emit(new OrderPlaced('1'), { ...required, manager })).rejects.toThrow(
        TransactionRequiredError,
      );
    });

    it('is missing on a connection without one', async () => {
      const runner = app.dataSource.createQueryRunner();
      await runner.connect();
      const emitted = app.events.emit(new OrderPlaced('1'), { ...required, manager: runner.manager });
      await expect(emitted.finally(() => runner.release())).rejects.toThrow(TransactionRequiredError);
    });

    it('is missing for emitMany, which writes none', async () => {
      await app.events.emitMany([new OrderPlaced('1')], required).catch(() => undefined);
      expect(await app.written()).toEqual(NOTHING);
    });

    it("is that of TypeORM's transaction", async () => {
      await app.dataSource.transaction((manager) => app.events.emit(new OrderPlaced('1'), { ...required, manager }));
      expect(await app.written()).toEqual(ONE_EVENT);
    });

    it('is that of a BEGIN sent by hand, which TypeORM does not know of', async () => {
      const runner = app.dataSource.createQueryRunner();
      await runner.query('begin');
      await app.events.emit(new OrderPlaced('1'), { ...required, manager: runner.manager });
      await runner.query('rollback');
      await runner.release();
      expect(await app.written()).toEqual(NOTHING);
    });

    it('is refused to be anything but true or false', async () => {
      const options = { requireTransaction: 'no' as unknown as boolean };
      await expect(app.events.emit(new OrderPlaced('1'), options)).rejects.toThrow(
        'emit: option requireTransaction must be true or false, but is the string "no".',
      );
    });
  });

  describe('fails with the event', () => {
    afterEach(() => app.dataSource.query('alter table if exists away rename to jobs_delivery'));

    it('when the deliveries cannot be written, and keeps nothing of what it did', async () => {
      await app.dataSource.query('alter table jobs_delivery rename to away');
      await expect(
        app.dataSource.transaction(async (manager) => {
          await manager.query("insert into stock values ('book')");
          await app.events.emit(new OrderPlaced('1'), { manager });
        }),
      ).rejects.toThrow('relation "jobs_delivery" does not exist');
      expect(
        await app.rows('select (select count(*)::int4 from jobs_event) + (select count(*)::int4 from stock) as n'),
      ).toEqual([{ n: 0 }]);
    });

    it('even if the caller swallows the error', async () => {
      await app.dataSource.query('alter table jobs_delivery rename to away');
      await app.dataSource
        .transaction(async (manager) => {
          await manager.query("insert into stock values ('book')");
          await app.events.emit(new OrderPlaced('1'), { manager }).catch(() => undefined);
        })
        .catch(() => undefined);
      expect(await app.rows('select * from stock')).toEqual([]);
    });

    it('when the table is locked for longer than the caller waits', async () => {
      const locking = app.dataSource.createQueryRunner();
      await locking.startTransaction();
      await locking.query('lock table jobs_delivery in access exclusive mode');
      const emitting = app.dataSource.transaction(async (manager) => {
        await manager.query("set local lock_timeout = '10ms'");
        await app.events.emit(new OrderPlaced('1'), { manager });
      });
      await expect(
        emitting.finally(async () => {
          await locking.rollbackTransaction();
          await locking.release();
        }),
      ).rejects.toThrow('lock timeout');
    });

    it('when one delivery of many is refused by the database, and writes nothing of the others', async () => {
      await app.dataSource.query('alter table jobs_delivery add constraint only_first check (receiver = 1) not valid');
      const emitted = app.events.emitMany([new OrderPlaced('1'), new OrderPlaced('2')]);
      await emitted.catch(() => undefined);
      await app.dataSource.query('alter table jobs_delivery drop constraint only_first');
      expect(await app.written()).toEqual(NOTHING);
    });
  });

  describe('cannot be', () => {
    let other: DataSource;
    let otherDatabase: TestDatabase;

    beforeAll(async () => {
      otherDatabase = await TestDatabase.create();
      other = await otherDatabase.dataSource({ poolSize: 1 });
    });
    afterAll(async () => {
      await other.destroy();
      await otherDatabase.drop();
    });

    it('that of another data source, which is named', async () => {
      const emitted = other.transaction((manager) => app.events.emit(new OrderPlaced('1'), { manager }));
      await expect(emitted).rejects.toThrow(
        `The manager belongs to data source "default" (database "${otherDatabase.name}"), ` +
          `but JobsModule works on "default" (database "${app.database.name}"). ` +
          'Pass a manager of that data source, or give JobsModule the option dataSource that names the other.',
      );
    });

    it('that of another data source which the resolver found', async () => {
      resolved = other.manager;
      await expect(app.events.emit(new OrderPlaced('1'))).rejects.toThrow(ForeignManagerError);
    });

    it('one that has ended, whose connection may be in another by now', async () => {
      const ended = await app.dataSource.transaction(async (manager) => manager);
      await expect(app.events.emit(new OrderPlaced('1'), { manager: ended })).rejects.toThrow(TransactionEndedError);
    });

    it.each<[string, () => unknown]>([
      ['null', () => null],
      ['a query runner', () => app.dataSource.createQueryRunner()],
      ['a data source', () => app.dataSource],
      ['a repository', () => app.dataSource.getRepository('JobsEvent')],
      ['anything', () => ({})],
    ])('that of %s', async (_, make) => {
      const emitted = app.events.emit(new OrderPlaced('1'), { manager: make() as EntityManager });
      await expect(emitted).rejects.toThrow(
        'emit: option manager must be an EntityManager, such as the one dataSource.transaction() hands out, but is',
      );
    });

    it('one that the resolver failed to find', async () => {
      resolved = { found: false } as unknown as EntityManager;
      await expect(app.events.emit(new OrderPlaced('1'))).rejects.toThrow(
        'emit: option transactionManager must be an EntityManager',
      );
    });

    it('said by handing in the manager in place of the options', async () => {
      const options: object = app.manager;
      await expect(app.events.emit(new OrderPlaced('1'), options)).rejects.toThrow(
        'emit: option (the options) must be an object such as { manager }, not the manager itself, but is of kind EntityManager.',
      );
    });
  });
});

describe('The module option requireTransaction', () => {
  let app: EmittingApplication;

  beforeAll(async () => {
    app = await EmittingApplication.start({ providers: [Receivers] }, { requireTransaction: true });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  it('refuses outside a transaction', async () => {
    await expect(app.events.emit(new OrderPlaced('1'))).rejects.toThrow(TransactionRequiredError);
  });

  it('allows inside one', async () => {
    await app.dataSource.transaction((manager) => app.events.emit(new OrderPlaced('1'), { manager }));
    expect(await app.written()).toEqual(ONE_EVENT);
  });

  it('gives way to what a call says', async () => {
    await app.events.emit(new OrderPlaced('1'), { requireTransaction: false });
    expect(await app.written()).toEqual(ONE_EVENT);
  });
});
