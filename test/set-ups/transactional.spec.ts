import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { Propagation, TransactionHost } from '@nestjs-cls/transactional';
import type { DataSource } from 'typeorm';
import { Propagation as TypeormPropagation, runInTransaction } from 'typeorm-transactional';
import { getReliableEventsToken, type ReliableEvents } from '../../lib/index.js';
import { Heard, InvoicePaid, OrderPlaced } from '../docs/set-ups/orders.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

/** Runs `work` in a transaction of a data source, or in none. */
type Within = (
  dataSource: string,
  propagation: 'required' | 'nested' | 'new' | 'none',
  work: () => Promise<unknown>,
) => Promise<unknown>;

interface Example {
  readonly AppModule: Type;
  readonly Invoices: Type<{ pay(invoiceId: string): Promise<void> }>;
}

const clsPropagation = {
  required: Propagation.Required,
  nested: Propagation.Nested,
  new: Propagation.RequiresNew,
  none: Propagation.NotSupported,
};

const typeormPropagation = {
  required: TypeormPropagation.REQUIRED,
  nested: TypeormPropagation.NESTED,
  new: TypeormPropagation.REQUIRES_NEW,
  none: TypeormPropagation.NOT_SUPPORTED,
};

const libraries: readonly (readonly [string, () => Promise<Example>, Within])[] = [
  [
    '@nestjs-cls/transactional',
    () => import('../docs/set-ups/cls.js'),
    (dataSource, propagation, work) =>
      TransactionHost.getInstance(dataSource === 'default' ? undefined : dataSource).withTransaction(
        clsPropagation[propagation],
        work,
      ),
  ],
  [
    'typeorm-transactional',
    () => import('../docs/set-ups/typeorm-transactional.js'),
    (connectionName, propagation, work) =>
      runInTransaction(work, { connectionName, propagation: typeormPropagation[propagation] }),
  ],
];

describe.each(libraries)('With %s on two data sources', (_, load, within) => {
  const environment = { ...process.env };
  let databases: TestDatabase[];
  let example: Example;
  let app: INestApplicationContext;

  beforeAll(async () => {
    databases = [await TestDatabase.create(), await TestDatabase.create()];
    Object.assign(process.env, { DATABASE_URL: databases[0]!.url, BILLING_URL: databases[1]!.url });
    example = await load();
    app = await NestFactory.createApplicationContext(example.AppModule, { logger: false, abortOnError: false });
  });
  afterAll(async () => {
    await app.close();
    process.env = environment;
    for (const database of databases) await database.drop();
  });

  beforeEach(() => (app.get(Heard).of.length = 0));

  const events = (dataSource: string): ReliableEvents =>
    app.get<ReliableEvents>(getReliableEventsToken(dataSource), { strict: false });

  const emit = (dataSource: string, id: string): Promise<unknown> =>
    events(dataSource).emit(dataSource === 'billing' ? new InvoicePaid(id) : new OrderPlaced(id), {
      requireTransaction: true,
    });

  const fail = async (): Promise<never> => Promise.reject(new Error('rolled back'));

  /** What was heard when nothing is left to be delivered. */
  async function heard(): Promise<readonly string[]> {
    for (const name of ['default', 'billing']) {
      const dataSource = app.get<DataSource>(getDataSourceToken(name), { strict: false });
      await until(async () => (await dataSource.query<unknown[]>('select from jobs_delivery')).length === 0);
    }
    return [...app.get(Heard).of].sort();
  }

  it('delivers what a decorated method of the example emits', async () => {
    await app.get(example.Invoices).pay('1');
    expect(await heard()).toEqual(['1']);
  });

  describe.each(['default', 'billing'])('an event emitted in %s', (name) => {
    it('is delivered after the commit', async () => {
      await within(name, 'required', () => emit(name, '1'));
      expect(await heard()).toEqual(['1']);
    });

    it('is gone after a rollback', async () => {
      const failing = within(name, 'required', async () => {
        await emit(name, '1');
        await fail();
      });
      await expect(failing).rejects.toThrow('rolled back');
      expect(await heard()).toEqual([]);
    });

    it('is gone with the savepoint it was emitted in, and what was around it is delivered', async () => {
      await within(name, 'required', async () => {
        await emit(name, 'before');
        const nested = within(name, 'nested', async () => {
          await emit(name, 'within');
          await fail();
        });
        await nested.catch(() => undefined);
        await emit(name, 'after');
      });
      expect(await heard()).toEqual(['after', 'before']);
    });

    it('stays when its own transaction committed and the one around it did not', async () => {
      const failing = within(name, 'required', async () => {
        await emit(name, 'around');
        await within(name, 'new', () => emit(name, 'own'));
        await fail();
      });
      await expect(failing).rejects.toThrow('rolled back');
      expect(await heard()).toEqual(['own']);
    });

    it('joins nothing where transactions are suspended', async () => {
      const emitting = within(name, 'required', () => within(name, 'none', () => emit(name, '1')));
      await expect(emitting).rejects.toThrow('there is no transaction to join');
    });

    it('does not join the transaction of the other data source', async () => {
      const other = name === 'default' ? 'billing' : 'default';
      await expect(within(other, 'required', () => emit(name, '1'))).rejects.toThrow('there is no transaction to join');
    });
  });

  it('commits in the one and rolls back in the other', async () => {
    const failing = within('default', 'required', async () => {
      await emit('default', 'order');
      await within('billing', 'required', () => emit('billing', 'invoice'));
      await fail();
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await heard()).toEqual(['invoice']);
  });
});
