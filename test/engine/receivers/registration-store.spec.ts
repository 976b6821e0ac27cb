import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { EngineDatabase } from '../../../lib/engine/database/engine-database.js';
import type { Receiver, Subscription } from '../../../lib/engine/receivers/receiver.js';
import type { ReceiverNumbers } from '../../../lib/engine/receivers/receiver-rows.js';
import { PostgresRegistrationStore } from '../../../lib/engine/receivers/postgres-registration-store.js';
import { jobsEntities } from '../../../lib/schema/jobs-entities.js';
import { EngineFixture } from '../../support/engine-fixture.js';

interface StoredReceiver {
  readonly id: number;
  readonly name: string;
  readonly former_names: readonly string[];
  readonly retired: boolean;
}

function receiver(
  id: string,
  subscriptions: Readonly<Record<string, number | null>>,
  aliases: string[] = [],
): Receiver {
  return {
    id,
    aliases,
    subscriptions: Object.entries(subscriptions).map(([pattern, version]): Subscription => ({ pattern, version })),
    sender: null,
    reach: 'both',
    retry: { attempts: 1, delay: () => 0, jitter: 0, isFinal: () => false },
    timeout: null,
    concurrency: null,
    transactional: false,
    invoke: () => Promise.resolve(),
  };
}

const PAID = { 'order.paid': 1 };
const before = receiver('orders.on-paid', PAID);
const renamed = receiver('orders.complete', PAID, ['orders.on-paid']);
const unaliased = receiver('orders.complete', PAID);

describe('RegistrationStore', () => {
  let fixture: EngineFixture;
  let store: PostgresRegistrationStore;
  let processes: DataSource[];
  const retire = (id: string): Promise<boolean> =>
    fixture.database.transaction((connection) => store.retire(connection, id));
  const warnings: string[] = [];

  beforeAll(async () => {
    Logger.overrideLogger({
      log: () => undefined,
      error: () => undefined,
      warn: (text: string) => warnings.push(text),
    });
    fixture = await EngineFixture.create();
    store = new PostgresRegistrationStore(fixture.database, fixture.names);
    processes = await Promise.all(
      Array.from({ length: 6 }, () =>
        fixture.testDatabase.dataSource({ synchronize: false, entities: [...jobsEntities()], poolSize: 1 }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(processes.map((dataSource) => dataSource.destroy()));
    await fixture.close();
  });
  beforeEach(async () => {
    await fixture.reset({});
    warnings.length = 0;
  });

  /** Boots processes at once that contain the given receivers. */
  const bootAtOnce = (receivers: readonly Receiver[]): Promise<ReceiverNumbers[]> =>
    Promise.all(
      processes.map((dataSource) =>
        new PostgresRegistrationStore(new EngineDatabase(dataSource), fixture.names).register(receivers),
      ),
    );

  const receivers = (): Promise<StoredReceiver[]> =>
    fixture.rows(
      `select id, name, former_names, retired_at is not null as retired from ${fixture.names.receiver} order by id`,
    );
  const names = async (): Promise<readonly string[]> => (await receivers()).map(({ name }) => name);
  const subscriptions = (): Promise<{ pattern: string; receiver: number; version: number | null }[]> =>
    fixture.rows(`select pattern, receiver, version from ${fixture.names.subscription} order by pattern, receiver`);
  const idsOf = (numbers: ReceiverNumbers): Record<string, string> =>
    Object.fromEntries([...numbers].map(([number, { id }]) => [number, id]));

  /** Which transaction wrote each row; the same before and after when nothing was written. */
  const writers = (): Promise<unknown[]> =>
    fixture.rows(
      `select 'receiver' as of, ctid::text, xmin::text from ${fixture.names.receiver}
       union all select 'subscription', ctid::text, xmin::text from ${fixture.names.subscription} order by 1, 2`,
    );

  describe('register', () => {
    it('records receivers with what they listen to', async () => {
      const numbers = await store.register([receiver('a', { 'order.paid': 2, 'order.*': null }), receiver('b', PAID)]);
      const [a, b] = await receivers();
      expect([await names(), await subscriptions(), idsOf(numbers)]).toEqual([
        ['a', 'b'],
        [
          { pattern: 'order.*', receiver: a!.id, version: null },
          { pattern: 'order.paid', receiver: a!.id, version: 2 },
          { pattern: 'order.paid', receiver: b!.id, version: 1 },
        ],
        { [a!.id]: 'a', [b!.id]: 'b' },
      ]);
    });

    it('makes one row for each receiver when six processes boot at once', async () => {
      await bootAtOnce([receiver('a', PAID), receiver('b', { 'order.*': null }), receiver('c', PAID)]);
      expect([await names(), (await subscriptions()).length]).toEqual([['a', 'b', 'c'], 3]);
    });

    it('gives processes that boot at once the same numbers', async () => {
      const all = await bootAtOnce([receiver('a', PAID), receiver('b', PAID)]);
      expect(new Set(all.map((numbers) => JSON.stringify(idsOf(numbers)))).size).toBe(1);
    });

    it('gives the same numbers at each boot', async () => {
      const first = await store.register([receiver('a', PAID), receiver('b', PAID)]);
      const second = await store.register([receiver('b', PAID), receiver('a', PAID), receiver('c', PAID)]);
      expect(idsOf(second)).toMatchObject(idsOf(first));
    });

    it('writes nothing when nothing changed', async () => {
      const all = [receiver('a', { 'order.paid': 2, 'order.*': null }), receiver('b', PAID)];
      await store.register(all);
      const written = await writers();
      await store.register(all);
      await bootAtOnce(all);
      expect(await writers()).toEqual(written);
    });

    it('waits for nobody when nothing changed', async () => {
      await store.register([receiver('a', PAID)]);
      const client = await fixture.client();
      await client.query({ text: 'begin' });
      await client.query({ text: `lock table ${fixture.names.receiver} in share row exclusive mode` });
      const numbers = await store.register([receiver('a', PAID)]);
      await client.query({ text: 'rollback' });
      expect(numbers.size).toBe(1);
    });

    it('leaves the rows of the others alone when one is new', async () => {
      await store.register([receiver('a', PAID)]);
      const written = await writers();
      await store.register([receiver('a', PAID), receiver('b', PAID)]);
      expect(await writers()).toEqual(expect.arrayContaining(written));
    });

    it('keeps receivers that a process does not contain', async () => {
      await store.register([receiver('a', PAID)]);
      await store.register([receiver('b', PAID)]);
      expect([await names(), (await subscriptions()).length]).toEqual([['a', 'b'], 2]);
    });

    it('keeps a pattern that the receiver listens to no longer, for processes that still do', async () => {
      await store.register([receiver('a', { 'order.paid': 1, 'order.sent': 1 })]);
      await store.register([receiver('a', { 'order.paid': 1 })]);
      expect((await subscriptions()).map(({ pattern }) => pattern)).toEqual(['order.paid', 'order.sent']);
    });

    it('answers with nothing for a process without receivers', async () => {
      expect((await store.register([])).size).toBe(0);
    });

    it('lets others emit meanwhile', async () => {
      await store.register([receiver('a', PAID)]);
      const client = await fixture.client();
      await client.query({ text: 'begin' });
      await client.query({ text: `lock table ${fixture.names.receiver} in share row exclusive mode` });
      const [event] = await fixture.emit(fixture.input());
      await client.query({ text: 'rollback' });
      expect(event?.receivers).toBe(1);
    });

    it.each([
      ['grows', 1, 3, 3],
      ['does not shrink', 3, 1, 3],
      ['becomes any', 3, null, null],
      ['stays any', null, 3, null],
    ])('the version understood %s', async (_, first, second, recorded) => {
      await store.register([receiver('a', { 'order.paid': first })]);
      await store.register([receiver('a', { 'order.paid': second })]);
      expect((await subscriptions())[0]?.version).toBe(recorded);
    });
  });

  describe('an alias', () => {
    it('renames the one row', async () => {
      await store.register([before]);
      const [row] = await receivers();
      await store.register([renamed]);
      expect([await receivers(), (await subscriptions()).length]).toEqual([
        [{ id: row!.id, name: 'orders.complete', former_names: ['orders.on-paid'], retired: false }],
        1,
      ]);
    });

    it('renames the one row when six processes boot at once', async () => {
      await store.register([before]);
      await bootAtOnce([renamed]);
      expect((await receivers()).map(({ name, former_names }) => [name, former_names])).toEqual([
        ['orders.complete', ['orders.on-paid']],
      ]);
    });

    it('lets a process of the deploy before find itself when it starts again, and writes nothing', async () => {
      await store.register([before]);
      await store.register([renamed]);
      const written = await writers();
      const numbers = await store.register([before]);
      expect([Object.values(idsOf(numbers)), await writers()]).toEqual([['orders.on-paid'], written]);
    });

    it('lets a process of the deploy before widen what the renamed one listens to', async () => {
      await store.register([before]);
      await store.register([renamed]);
      await store.register([receiver('orders.on-paid', { ...PAID, 'order.sent': 1 })]);
      expect([await names(), (await subscriptions()).map(({ pattern }) => pattern)]).toEqual([
        ['orders.complete'],
        ['order.paid', 'order.sent'],
      ]);
    });

    it('is not needed any more once the row was renamed', async () => {
      await store.register([before]);
      await store.register([renamed]);
      const written = await writers();
      await store.register([unaliased]);
      expect(await writers()).toEqual(written);
    });

    it('can follow another', async () => {
      await store.register([before]);
      await store.register([renamed]);
      await store.register([receiver('orders.finish', PAID, ['orders.complete'])]);
      expect((await receivers()).map(({ name, former_names }) => [name, former_names])).toEqual([
        ['orders.finish', ['orders.on-paid', 'orders.complete']],
      ]);
    });

    it('of a name that nobody has is on record, so that a process of the deploy before does not bring it in', async () => {
      const numbers = idsOf(await store.register([renamed]));
      const registered = await receivers();
      expect(registered.map(({ name, former_names }) => [name, former_names])).toEqual([
        ['orders.complete', ['orders.on-paid']],
      ]);
      const written = await writers();
      expect(Object.keys(idsOf(await store.register([before])))).toEqual(Object.keys(numbers));
      expect([await receivers(), await writers()]).toEqual([registered, written]);
    });

    it('that comes later than its receiver is on record, too, and written once', async () => {
      await store.register([unaliased]);
      await store.register([renamed]);
      expect((await receivers()).map(({ name, former_names }) => [name, former_names])).toEqual([
        ['orders.complete', ['orders.on-paid']],
      ]);
      const written = await writers();
      await store.register([renamed]);
      expect(await writers()).toEqual(written);
    });

    it('merges two names that both exist: events go to one, and both numbers run here', async () => {
      await store.register([before]);
      await store.register([unaliased]);
      const [old, kept] = await receivers();
      const numbers = await store.register([renamed]);
      expect([await subscriptions(), idsOf(numbers), (await receivers()).map(({ retired }) => retired)]).toEqual([
        [{ pattern: 'order.paid', receiver: kept!.id, version: 1 }],
        { [old!.id]: 'orders.complete', [kept!.id]: 'orders.complete' },
        [true, false],
      ]);
    });

    it('writes nothing when two names were merged before', async () => {
      await store.register([before]);
      await store.register([unaliased]);
      await store.register([renamed]);
      const written = await writers();
      await store.register([renamed]);
      expect(await writers()).toEqual(written);
    });

    it('keeps two names merged when a process of the deploy before starts again', async () => {
      await store.register([before]);
      await store.register([unaliased]);
      await store.register([renamed]);
      const written = await writers();
      const numbers = await store.register([before]);
      expect([numbers.size, await writers()]).toEqual([2, written]);
    });
  });

  describe('a former name', () => {
    it('that a new receiver takes beside the renamed one gets a row of its own', async () => {
      await store.register([before]);
      await store.register([renamed]);
      const numbers = await store.register([unaliased, before]);
      expect([await names(), Object.values(idsOf(numbers)).sort(), (await subscriptions()).length]).toEqual([
        ['orders.complete', 'orders.on-paid'],
        ['orders.complete', 'orders.on-paid'],
        2,
      ]);
    });

    it('that a new receiver took is no former name any more', async () => {
      await store.register([before]);
      await store.register([renamed]);
      await store.register([unaliased, before]);
      expect((await receivers()).map(({ former_names }) => former_names)).toEqual([[], []]);
    });

    it('that a new receiver took leads each of the two to its own row when they start apart', async () => {
      await store.register([before]);
      await store.register([renamed]);
      await store.register([unaliased, before]);
      const apart = [await store.register([before]), await store.register([unaliased])];
      expect(apart.map(({ size }) => size)).toEqual([1, 1]);
    });
  });

  describe('retire', () => {
    beforeEach(() => store.register([receiver('a', { 'order.paid': 1, 'order.*': null }), receiver('b', PAID)]));

    it('ends the fan-out to one receiver', async () => {
      const [, b] = await receivers();
      await retire('a');
      const [event] = await fixture.emit(fixture.input());
      expect([event?.receivers, (await subscriptions()).map((row) => row.receiver)]).toEqual([1, [b!.id]]);
    });

    it('says whether there was such a receiver', async () => {
      expect([await retire('a'), await retire('a'), await retire('nobody')]).toEqual([true, true, false]);
    });

    it('keeps the number, so that what it has still runs', async () => {
      const numbers = await store.find([receiver('a', PAID)]);
      await retire('a');
      expect(idsOf(await store.find([receiver('a', PAID)]))).toEqual(idsOf(numbers));
    });

    it('is undone with a warning when a process that contains the receiver boots', async () => {
      await retire('a');
      await store.register([receiver('a', PAID)]);
      expect([(await receivers()).map(({ retired }) => retired), warnings]).toEqual([
        [false, false],
        ['Receiver "a" was retired and is registered again, because this process has it.'],
      ]);
    });

    it('is undone under the same number', async () => {
      const numbers = await store.find([receiver('a', PAID)]);
      await retire('a');
      expect(idsOf(await store.register([receiver('a', PAID)]))).toEqual(idsOf(numbers));
    });

    it('is not undone by processes that do not contain the receiver', async () => {
      await retire('a');
      await store.register([receiver('b', PAID), receiver('c', PAID)]);
      expect((await receivers()).map(({ name, retired }) => [name, retired])).toEqual([
        ['a', true],
        ['b', false],
        ['c', false],
      ]);
    });

    it('waits for processes that register at that moment', async () => {
      await Promise.all([bootAtOnce([receiver('c', PAID)]), retire('a')]);
      expect((await receivers()).filter(({ retired }) => retired).map(({ name }) => name)).toEqual(['a']);
    });
  });

  describe('find', () => {
    it('answers with the numbers of registered receivers alone, and writes nothing', async () => {
      const numbers = await store.register([receiver('a', PAID)]);
      const written = await writers();
      const found = await store.find([receiver('a', { 'order.new': 9 }), receiver('b', PAID)]);
      expect([idsOf(found), await writers()]).toEqual([idsOf(numbers), written]);
    });
  });

  describe('list', () => {
    it('shows everything of a receiver', async () => {
      await store.register([before]);
      await store.register([receiver('orders.complete', { 'order.*': null, 'order.paid': 3 }, ['orders.on-paid'])]);
      expect(await store.list(undefined, 10)).toEqual([
        {
          id: 'orders.complete',
          formerNames: ['orders.on-paid'],
          subscriptions: [
            { pattern: 'order.*', version: null },
            { pattern: 'order.paid', version: 3 },
          ],
          registeredAt: expect.any(Date),
          retired: false,
          retiredAt: null,
          paused: false,
          pausedAt: null,
          pausedBy: null,
          concurrency: null,
        },
      ]);
    });

    it('shows a retired one without subscriptions', async () => {
      await store.register([before]);
      await retire(before.id);
      expect(await store.list(undefined, 10)).toMatchObject([
        { subscriptions: [], retired: true, retiredAt: expect.any(Date) },
      ]);
    });

    it('goes on behind the last one', async () => {
      await store.register(['d', 'b', 'a', 'c'].map((id) => receiver(id, PAID)));
      const parts = [await store.list(undefined, 2), await store.list('b', 2), await store.list('d', 2)];
      expect(parts.map((part) => part.map(({ id }) => id))).toEqual([['a', 'b'], ['c', 'd'], []]);
    });
  });
});
