import { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import type { PooledClient } from '../../../lib/engine/database/postgres-driver.js';
import type { EmitInput, EmitInputOptions } from '../../../lib/engine/deliveries/emit-input.js';
import { PostgresEventStore } from '../../../lib/engine/deliveries/postgres-event-store.js';
import type { AppendedEvent } from '../../../lib/engine/deliveries/event-store.port.js';
import { RecentEvents } from '../../../lib/engine/deliveries/recent-events.js';
import { UnroutedEventError } from '../../../lib/errors/unrouted-event.error.js';
import { CountingClient } from '../../support/counting-client.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { until } from '../../support/until.js';

const HOUR = 3_600_000;
const KEY = 'a1'.repeat(32);
const OTHER_KEY = 'b2'.repeat(32);

describe('EventStore', () => {
  let fixture: EngineFixture;
  const idle: PooledClient[] = [];

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(async () => fixture.close());
  afterEach(() => {
    fixture.clock.offset = 0;
  });

  /** Clients are taken once and used by one test after the other. */
  async function clients(count: number): Promise<readonly PooledClient[]> {
    while (idle.length < count) idle.push(await fixture.client());
    return idle.slice(0, count);
  }

  function appendOn(client: PooledClient, ...inputs: readonly EmitInput[]): Promise<AppendedEvent[]> {
    return fixture.events.append(fixture.connection(client), inputs, false);
  }

  const deliveries = (): Promise<{ event_id: string; receiver: number }[]> =>
    fixture.rows(`select event_id::text, receiver from ${fixture.names.delivery} order by event_id, receiver`);

  describe('fan-out', () => {
    it('writes one delivery for each receiver of the name or of a wildcard over it, and for no other', async () => {
      await fixture.reset({
        'order.paid': [1],
        'order.*': [2],
        '*': [3],
        'order.sent': [4],
        'orders.*': [5],
        ord: [6],
      });
      await fixture.emit(fixture.input());
      expect((await deliveries()).map(({ receiver }) => receiver)).toEqual([1, 2, 3]);
    });

    it('writes one delivery for a receiver with two patterns that match', async () => {
      await fixture.reset({ 'order.paid': [7], 'order.*': [7], '*': [7] });
      const [event] = await fixture.emit(fixture.input());
      expect([event?.receivers, await deliveries()]).toEqual([1, [{ event_id: event?.id, receiver: 7 }]]);
    });

    it('records on the event whom it was fanned out to', async () => {
      await fixture.reset({ 'order.paid': [9, 3], 'order.*': [3, 5] });
      const [event] = await fixture.emit(fixture.input());
      const [row] = await fixture.rows<{ receivers: number[] }>(
        `select receivers from ${fixture.names.event} where id = $1`,
        [event?.id],
      );
      expect(row?.receivers.sort()).toEqual([3, 5, 9]);
    });

    it('writes no delivery for a receiver whose subscriptions are gone', async () => {
      await fixture.reset({ 'order.paid': [1, 2] });
      await fixture.rows(`delete from ${fixture.names.subscription} where receiver = 1`);
      await fixture.emit(fixture.input());
      expect((await deliveries()).map(({ receiver }) => receiver)).toEqual([2]);
    });

    describe('when the registration changes after an emit', () => {
      const receivers = async (): Promise<readonly number[]> => {
        await fixture.rows(`truncate ${fixture.names.delivery}`);
        await fixture.emit(fixture.input());
        return (await deliveries()).map(({ receiver }) => receiver);
      };

      it('reaches a receiver that was added', async () => {
        await fixture.reset({ 'order.paid': [1] });
        const before = await receivers();
        await fixture.rows(`insert into ${fixture.names.subscription} (pattern, receiver) values ('order.*', 2)`);
        expect([before, await receivers(), await receivers()]).toEqual([[1], [1, 2], [1, 2]]);
      });

      it('reaches one no more that was removed, be it by hand', async () => {
        await fixture.reset({ 'order.paid': [1, 2] });
        const before = await receivers();
        await fixture.rows(`update ${fixture.names.subscription} set pattern = 'order.sent' where receiver = 2`);
        const between = await receivers();
        await fixture.rows(`truncate ${fixture.names.subscription}`);
        expect([before, between, await receivers()]).toEqual([[1, 2], [1], []]);
      });

      it('goes by what the transaction of the emit sees', async () => {
        await fixture.reset({ 'order.paid': [1] });
        await receivers();
        const [registering, emitting] = await clients(2);
        await emitting!.query({ text: 'begin isolation level repeatable read' });
        await emitting!.query({ text: 'select 1' });
        await registering!.query({ text: 'begin' });
        await registering!.query({
          text: `insert into ${fixture.names.subscription} (pattern, receiver) values ('order.paid', 2)`,
        });
        const uncommitted = await receivers();
        await registering!.query({ text: 'commit' });
        const committed = await receivers();
        const emitted = await fixture.events.append(fixture.connection(emitting!), [fixture.input()], false);
        await emitting!.query({ text: 'commit' });
        expect([uncommitted, committed, emitted[0]?.receivers, await receivers()]).toEqual([[1], [1, 2], 1, [1, 2]]);
      });

      it('is one statement again from the second emit on', async () => {
        await fixture.reset({ 'order.paid': [1] });
        await receivers();
        const [client] = await clients(1);
        const counting = new CountingClient(client!);
        await fixture.events.append(new EngineConnection(counting, true), [fixture.input()], false);
        expect(counting.sent).toHaveLength(1);
      });
    });

    it('is decided event by event within one call', async () => {
      await fixture.reset({ 'order.paid': [1], 'order.sent': [2], 'order.*': [3] });
      const [paid, sent] = await fixture.emit(fixture.input(), fixture.input({}, 'order.sent'));
      expect(await deliveries()).toEqual([
        { event_id: paid?.id, receiver: 1 },
        { event_id: paid?.id, receiver: 3 },
        { event_id: sent?.id, receiver: 2 },
        { event_id: sent?.id, receiver: 3 },
      ]);
    });

    it('stores an event that nobody receives, and answers so', async () => {
      await fixture.reset({});
      const [event] = await fixture.emit(fixture.input());
      expect([event, await fixture.count(fixture.names.event)]).toEqual([
        { id: expect.stringMatching(/^\d+$/), created: true, receivers: 0 },
        1,
      ]);
    });

    it.each([
      ['without deduplication', {}],
      ['with deduplication', { deduplication: KEY, deduplicationWindow: HOUR }],
    ])('writes nothing at all when unrouted events are refused and one is among them, %s', async (_, options) => {
      await fixture.reset({ 'order.paid': [1] });
      const inputs = [fixture.input(options), fixture.input({}, 'invoice.paid')];
      const answer = await fixture.events
        .append(fixture.database.connection, inputs, true)
        .catch((error: unknown) => error);
      const { event, delivery, deduplication } = fixture.names;
      expect([
        answer instanceof UnroutedEventError,
        await Promise.all([event, delivery, deduplication].map((table) => fixture.count(table))),
      ]).toEqual([true, [0, 0, 0]]);
    });

    it('leaves nothing when the transaction rolls back', async () => {
      await fixture.reset();
      const [client] = await clients(1);
      await client!.query({ text: 'begin' });
      await appendOn(client!, fixture.input({ deduplication: KEY, deduplicationWindow: HOUR }));
      await client!.query({ text: 'rollback' });
      const { event, delivery, deduplication } = fixture.names;
      expect(await Promise.all([event, delivery, deduplication].map((table) => fixture.count(table)))).toEqual([
        0, 0, 0,
      ]);
    });
  });

  describe('statements', () => {
    const FIFTY = Array.from({ length: 50 }, (_, index) => index + 1);

    async function countFor(inputs: readonly EmitInput[]): Promise<number> {
      const [client] = await clients(1);
      const counting = new CountingClient(client!);
      await fixture.events.append(new EngineConnection(counting, true), inputs, false);
      return counting.sent.length;
    }

    it('are one for fifty receivers', async () => {
      await fixture.reset({ 'order.paid': FIFTY });
      await fixture.emit(fixture.input());
      await fixture.rows(`truncate ${fixture.names.delivery}`);
      expect([await countFor([fixture.input()]), await fixture.count(fixture.names.delivery)]).toEqual([1, 50]);
    });

    it('are one for a thousand events', async () => {
      await fixture.reset({ 'order.paid': [1, 2] });
      const inputs = Array.from({ length: 1000 }, () => fixture.input());
      expect([await countFor(inputs), await fixture.count(fixture.names.delivery)]).toEqual([1, 2000]);
    });

    it('are one for events with free deduplication keys', async () => {
      await fixture.reset();
      const inputs = [KEY, OTHER_KEY].map((deduplication) =>
        fixture.input({ deduplication, deduplicationWindow: HOUR }),
      );
      expect([await countFor(inputs), await fixture.count(fixture.names.event)]).toEqual([1, 2]);
    });

    it('are one for an event whose key was taken before', async () => {
      await fixture.reset();
      const input = fixture.input({ deduplication: KEY, deduplicationWindow: HOUR });
      await fixture.emit(input);
      expect(await countFor([input])).toBe(1);
    });

    it('answer in the order of the events', async () => {
      await fixture.reset();
      const inputs = Array.from({ length: 300 }, (_, index) => ({ ...fixture.input(), payload: `${index}` }));
      const ids = (await fixture.emit(...inputs)).map(({ id }) => id);
      const stored = await fixture.rows<{ id: string }>(
        `select id::text from ${fixture.names.event} order by (payload #>> '{}')::int`,
      );
      expect(ids).toEqual(stored.map(({ id }) => id));
    });
  });

  describe('deduplication', () => {
    const input = (deduplication = KEY, deduplicationWindow = HOUR): EmitInput =>
      fixture.input({ deduplication, deduplicationWindow });

    beforeEach(() => fixture.reset());

    it('answers with the event that holds the key and writes nothing', async () => {
      const [first] = await fixture.emit(input());
      const [second] = await fixture.emit(input());
      expect([
        second,
        await fixture.count(fixture.names.event),
        await fixture.count(fixture.names.delivery),
      ]).toMatchObject([{ id: first?.id, created: false }, 1, 1]);
    });

    it('writes those events of a call whose keys are free', async () => {
      const [first] = await fixture.emit(input());
      const answers = await fixture.emit(input(), input(OTHER_KEY), fixture.input());
      expect([answers.map(({ created }) => created), answers[0]?.id, await fixture.count(fixture.names.event)]).toEqual(
        [[false, true, true], first?.id, 3],
      );
    });

    it('lets one of twenty parallel transactions create the event, and gives all of them its id', async () => {
      const taken = await clients(19);
      const answers = await Promise.all(
        taken.map(async (client) => {
          await client.query({ text: 'begin' });
          const [answer] = await appendOn(client, input());
          await client.query({ text: 'commit' });
          return answer!;
        }),
      );
      const [another] = await fixture.emit(input());
      const all = [...answers, another!];
      expect([
        new Set(all.map(({ id }) => id)).size,
        all.filter(({ created }) => created).length,
        await fixture.count(fixture.names.event),
      ]).toEqual([1, 1, 1]);
    });

    it('writes a new event when the window is over, and keeps the key for that one', async () => {
      const [first] = await fixture.emit(input());
      fixture.clock.offset = HOUR;
      const [second] = await fixture.emit(input());
      const [third] = await fixture.emit(input());
      expect([second?.created, second?.id === first?.id, third]).toMatchObject([
        true,
        false,
        { id: second?.id, created: false },
      ]);
    });

    it('holds the key until the very end of the window', async () => {
      await fixture.emit(input());
      fixture.clock.offset = HOUR - 60_000;
      expect((await fixture.emit(input()))[0]?.created).toBe(false);
    });

    it('gives a key whose window is over to one of two callers, and tells the other of the new event', async () => {
      await fixture.emit(input());
      fixture.clock.offset = HOUR;
      const [holder, waiting] = await clients(2);
      await holder!.query({ text: 'begin' });
      const [taken] = await appendOn(holder!, input());
      const blocked = appendOn(waiting!, input());
      await until(async () => (await fixture.count('pg_locks', 'not granted')) > 0, 'a wait for the key');
      await holder!.query({ text: 'commit' });
      expect([taken?.created, await blocked]).toMatchObject([true, [{ id: taken?.id, created: false }]]);
    });

    it('does not deadlock when two transactions take two keys in opposite order', async () => {
      const [first, second] = await clients(2);
      for (let round = 0; round < 20; round++) {
        const keys = [KEY, OTHER_KEY].map((key) => `${key.slice(2)}${(round + 16).toString(16)}`);
        const [one, other] = [input(keys[0]), input(keys[1])];
        await Promise.all([appendOn(first!, one, other), appendOn(second!, other, one)]);
      }
      expect(await fixture.count(fixture.names.event)).toBe(40);
    });

    it('takes keys in one order whatever the order of the events', async () => {
      const [holder, waiting] = await clients(2);
      await holder!.query({ text: 'begin' });
      await appendOn(holder!, input(KEY));
      const blocked = appendOn(waiting!, input(OTHER_KEY), input(KEY));
      await until(async () => (await fixture.count('pg_locks', 'not granted')) > 0, 'a wait for the lower key');
      // Had the waiting call taken the higher key first, this would deadlock.
      const [taken] = await appendOn(holder!, input(OTHER_KEY));
      await holder!.query({ text: 'commit' });
      const answers = await blocked;
      expect([taken?.created, answers.map(({ created }) => created), answers[0]?.id]).toEqual([
        true,
        [false, false],
        taken?.id,
      ]);
    });

    it('frees the key when its transaction rolls back, also for one that waits', async () => {
      const [first, second] = await clients(2);
      await first!.query({ text: 'begin' });
      await appendOn(first!, input());
      const waiting = appendOn(second!, input());
      await until(async () => (await fixture.count('pg_locks', 'not granted')) > 0, 'a wait for the key');
      await first!.query({ text: 'rollback' });
      const [answer] = await waiting;
      expect([answer?.created, await fixture.count(fixture.names.event)]).toEqual([true, 1]);
    });

    it('looks up with one statement what several keys were taken by meanwhile', async () => {
      const [holder, waiting] = await clients(2);
      await holder!.query({ text: 'begin' });
      const taken = await appendOn(holder!, input(KEY), input(OTHER_KEY));
      const counting = new CountingClient(waiting!);
      const both = [input(OTHER_KEY), input(KEY)];
      const blocked = fixture.events.append(new EngineConnection(counting, true), both, false);
      await until(async () => (await fixture.count('pg_locks', 'not granted')) > 0, 'a wait for the first key');
      await holder!.query({ text: 'commit' });
      const answers = await blocked;
      expect([answers.map(({ id }) => id), counting.sent.length]).toEqual([taken.map(({ id }) => id).reverse(), 2]);
    });

    it('answers a REPEATABLE READ caller with the event committed before it began', async () => {
      const [first] = await fixture.emit(input());
      const [client] = await clients(1);
      await client!.query({ text: 'begin isolation level repeatable read' });
      const [answer] = await appendOn(client!, input());
      await client!.query({ text: 'commit' });
      expect(answer).toMatchObject({ id: first?.id, created: false });
    });

    it('fails a REPEATABLE READ caller whose snapshot is older than the event with a serialization failure', async () => {
      const [client] = await clients(1);
      await client!.query({ text: 'begin isolation level repeatable read' });
      await client!.query({ text: 'select txid_current_snapshot()' });
      await fixture.emit(input());
      const answer = await appendOn(client!, input()).catch((error: unknown) => error);
      await client!.query({ text: 'rollback' });
      expect(answer).toMatchObject({ code: '40001' });
    });

    it('answers one transaction that repeats its own key', async () => {
      const [client] = await clients(1);
      await client!.query({ text: 'begin' });
      const [first] = await appendOn(client!, input());
      const [second] = await appendOn(client!, input());
      await client!.query({ text: 'commit' });
      expect(second).toMatchObject({ id: first?.id, created: false });
    });
  });

  describe('time', () => {
    interface DueRow {
      readonly due_in: number | null;
      readonly ready: boolean;
    }
    const dueRows = (): Promise<DueRow[]> =>
      fixture.rows(
        `select round(extract(epoch from d.due_at - e.created_at) * 1000)::int4 as due_in, d.ready_xid is not null as ready
         from ${fixture.names.delivery} d join ${fixture.names.event} e on e.id = d.event_id`,
      );

    beforeEach(() => fixture.reset());

    it('makes a delivery ready at once without delay', async () => {
      await fixture.emit(fixture.input());
      expect(await dueRows()).toEqual([{ due_in: null, ready: true }]);
    });

    it('counts a delay from the database clock', async () => {
      await fixture.emit(fixture.input({ delay: 90_000 }));
      // From the statement's moment, which comes a little after the transaction's.
      expect(await dueRows()).toEqual([{ due_in: expect.closeTo(90_000, -4), ready: false }]);
    });

    it('takes a time of its own as it is', async () => {
      await fixture.emit(fixture.input({ runAt: '2040-05-06T07:08:09.123Z' }));
      const rows = await fixture.rows<{ due: string }>(
        `select to_char(due_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS') as due from ${fixture.names.delivery}`,
      );
      expect(rows).toEqual([{ due: '2040-05-06T07:08:09.123' }]);
    });

    it('moves with the clock port', async () => {
      fixture.clock.offset = 5 * HOUR;
      await fixture.emit(fixture.input({ delay: HOUR }));
      const [row] = await fixture.rows<{ moved: boolean; due: boolean }>(
        `select e.created_at between now() + interval '4 hours 59 minutes' and now() + interval '5 hours' as moved,
           d.due_at between now() + interval '5 hours 59 minutes' and now() + interval '6 hours' as due
         from ${fixture.names.event} e join ${fixture.names.delivery} d on d.event_id = e.id`,
      );
      expect(row).toEqual({ moved: true, due: true });
    });

    it.each([0, 60_000, 30 * 24 * HOUR])('keeps the event for the %i ms asked for', async (retain) => {
      await fixture.emit(fixture.input({ retain }));
      const [row] = await fixture.rows<{ kept: string }>(
        `select (extract(epoch from retain_until - created_at) * 1000)::bigint::text as kept from ${fixture.names.event}`,
      );
      expect(row?.kept).toBe(String(retain));
    });
  });

  describe('what is stored', () => {
    beforeEach(() => fixture.reset());

    it('is everything that was said', async () => {
      await fixture.emit({
        ...fixture.input({
          headers: { 'x-trace': 'a"b' },
          correlationId: 'c-1',
          tenant: 'acme',
          key: 'order-7',
          keyLane: 3,
          tags: ['one', 'two'],
          priority: 2,
        }),
        version: 4,
      });
      const [row] = await fixture.rows(
        `select e.name, e.version, e.payload, e.headers, e.correlation_id, e.tenant, e.key, e.tags, d.version as delivered, d.priority,
           d.claims, d.attempts, d.interruptions, d.worker, d.failures
         from ${fixture.names.event} e join ${fixture.names.delivery} d on d.event_id = e.id`,
      );
      expect(row).toEqual({
        name: 'order.paid',
        version: 4,
        payload: { orderId: 7 },
        headers: { 'x-trace': 'a"b' },
        correlation_id: 'c-1',
        tenant: 'acme',
        key: 'order-7',
        tags: ['one', 'two'],
        delivered: 4,
        priority: 2,
        claims: 0,
        attempts: 0,
        interruptions: 0,
        worker: null,
        failures: null,
      });
    });

    it('is null where nothing was said', async () => {
      await fixture.emit(fixture.input());
      const [row] = await fixture.rows(`select headers, correlation_id, tenant, key, tags from ${fixture.names.event}`);
      expect(row).toEqual({ headers: null, correlation_id: null, tenant: null, key: null, tags: null });
    });

    it.each(['null', '"text"', '17', 'true', '[]', '[null]', '{"a":null}'])(
      'is the payload %s as JSON',
      async (payload) => {
        const [event] = await fixture.emit({ ...fixture.input(), payload });
        const [stored] = await fixture.deliveries.readEvents(fixture.database.connection, [event!.id]);
        expect(JSON.parse(stored!.payload)).toEqual(JSON.parse(payload));
      },
    );
  });

  describe('what its own process keeps of an event', () => {
    const everything: Partial<EmitInputOptions> = {
      headers: { trace: 'abc' },
      correlationId: 'order 7',
      tenant: 'north',
      key: 'customer 1',
      keyLane: 3,
    };

    beforeEach(() => fixture.reset());

    it.each([
      ['everything was said', everything],
      ['nothing was said', {}],
    ])('is what others read, when %s', async (_, options) => {
      const recent = new RecentEvents(2);
      const store = new PostgresEventStore(fixture.names, fixture.clock, recent);
      const { connection } = fixture.database;
      await store.append(connection, [fixture.input()], false);
      const [emitted] = await store.append(connection, [fixture.input(options)], false);
      const [read] = await fixture.deliveries.readEvents(connection, [emitted!.id]);
      const kept = recent.find(emitted!.id);
      expect({ ...kept, payload: JSON.parse(kept!.payload) as unknown }).toEqual({
        ...read,
        payload: JSON.parse(read!.payload) as unknown,
      });
    });

    it('is nothing where nobody receives', async () => {
      const recent = new RecentEvents(0);
      const store = new PostgresEventStore(fixture.names, fixture.clock, recent);
      await store.append(fixture.database.connection, [fixture.input()], false);
      const [emitted] = await store.append(fixture.database.connection, [fixture.input()], false);
      expect(recent.find(emitted!.id)).toBeUndefined();
    });
  });

  describe('keyed deliveries', () => {
    beforeEach(() => fixture.reset({ 'order.paid': [2, 5] }));

    it('get the lane of their key among those of their receiver', async () => {
      await fixture.emit(fixture.input({ key: 'k', keyLane: 7 }));
      expect(await fixture.rows(`select receiver, lane from ${fixture.names.delivery} order by receiver`)).toEqual([
        { receiver: 2, lane: 2 * 16 + 7 },
        { receiver: 5, lane: 5 * 16 + 7 },
      ]);
    });

    it('get the same lane each time', async () => {
      await fixture.emit(fixture.input({ key: 'k', keyLane: 7 }));
      await fixture.emit(fixture.input({ key: 'k', keyLane: 7 }));
      expect(await fixture.rows(`select distinct lane from ${fixture.names.delivery} where receiver = 2`)).toEqual([
        { lane: 39 },
      ]);
    });

    it('stand behind every transaction that was open, although theirs began before', async () => {
      const [early, late] = await clients(2);
      await early!.query({ text: 'begin' });
      const { rows: own } = await early!.query<{ xid: string }>({ text: 'select txid_current()::text as xid' });
      const { rows: other } = await late!.query<{ xid: string }>({ text: 'select txid_current()::text as xid' });
      await appendOn(early!, fixture.input({ key: 'k', keyLane: 1 }));
      await early!.query({ text: 'commit' });
      const [row] = await fixture.rows<{ ready_xid: string }>(
        `select ready_xid::text from ${fixture.names.delivery} limit 1`,
      );
      expect([BigInt(other[0]!.xid) > BigInt(own[0]!.xid), BigInt(row!.ready_xid) > BigInt(other[0]!.xid)]).toEqual([
        true,
        true,
      ]);
    });

    it('without a key stand at their own transaction', async () => {
      const [early, late] = await clients(2);
      await early!.query({ text: 'begin' });
      const { rows: own } = await early!.query<{ xid: string }>({ text: 'select txid_current()::text as xid' });
      await late!.query({ text: 'select txid_current()' });
      await appendOn(early!, fixture.input());
      await early!.query({ text: 'commit' });
      const [row] = await fixture.rows<{ ready_xid: string; lane: number | null }>(
        `select ready_xid::text, lane from ${fixture.names.delivery} limit 1`,
      );
      expect(row).toEqual({ ready_xid: own[0]!.xid, lane: null });
    });
  });
});
