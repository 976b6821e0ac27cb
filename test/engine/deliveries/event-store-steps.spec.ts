import { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import type { SqlClient, SqlQuery, SqlResult } from '../../../lib/engine/database/sql-client.js';
import type { EmitInput, EmitInputOptions } from '../../../lib/engine/deliveries/emit-input.js';
import { PostgresEventStore } from '../../../lib/engine/deliveries/postgres-event-store.js';
import type { AppendedEvent } from '../../../lib/engine/deliveries/event-store.port.js';
import { RecentEvents } from '../../../lib/engine/deliveries/recent-events.js';
import { tableNames } from '../../../lib/engine/schema/table-names.js';
import { UnroutedEventError } from '../../../lib/errors/unrouted-event.error.js';

type Rows = readonly object[];

const fanOut = (subscriptions: Readonly<Record<string, readonly number[]>> | null, revision = '5'): Rows => [
  { revision, subscriptions: subscriptions === null ? null : JSON.stringify(subscriptions) },
];

/** Stands in for the server: keeps which statements it is sent, and answers each as it was told to. */
class ScriptedServer implements SqlClient {
  readonly sent: { readonly statement: string; readonly values: readonly unknown[] }[] = [];
  readonly connection = new EngineConnection(this, true);

  constructor(private readonly answers: Readonly<Record<string, Rows[]>>) {}

  async query<Row>({ name = '', values = [] }: SqlQuery): Promise<SqlResult<Row>> {
    const statement = name.replace(/^jobs_(.*)_[0-9a-f]+$/, '$1');
    this.sent.push({ statement, values });
    return { rows: (this.answers[statement]?.shift() ?? []) as Row[], rowCount: null };
  }

  /** Statements since the last time this was asked. */
  steps(): string {
    return this.sent
      .splice(0)
      .map(({ statement }) => statement)
      .join(', ');
  }
}

const input = (
  options: Partial<EmitInputOptions> = {},
  name = 'order.paid',
  patterns: readonly string[] = [name],
): EmitInput => ({
  ...{ name, version: 3, patterns, payload: '{"orderId": 7}' },
  options: { priority: 4, retain: 60_000, ...options },
});

describe('Steps of an event store', () => {
  const clock = { offset: 0 };
  let recent: RecentEvents;
  let store: PostgresEventStore;

  beforeEach(() => {
    clock.offset = 0;
    recent = new RecentEvents(10);
    store = new PostgresEventStore(tableNames(), clock, recent);
  });

  const append = (
    server: ScriptedServer,
    inputs: readonly EmitInput[],
    refuseUnrouted = false,
  ): Promise<AppendedEvent[]> => store.append(server.connection, inputs, refuseUnrouted);

  /** A server whose registration the store has read. */
  async function known(
    subscriptions: Readonly<Record<string, readonly number[]>> | null,
    answers: Readonly<Record<string, Rows[]>> = {},
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer({ ...answers, read_fan_out: [fanOut(subscriptions)] });
    await store.learnReceivers(server.connection);
    expect(server.sent.splice(0)).toEqual([{ statement: 'read_fan_out', values: [] }]);
    return server;
  }

  describe('one event', () => {
    it('is one statement where its receivers are known', async () => {
      const server = await known({ 'order.paid': [1, 2], other: [3] }, { emit_one: [[{ id: '8' }]] });
      expect(await append(server, [input()])).toEqual([{ id: '8', created: true, receivers: 2 }]);
      expect(server.sent).toEqual([
        { statement: 'emit_one', values: ['order.paid', 3, '{"orderId": 7}', [1, 2], '5', 4, 60_000] },
      ]);
    });

    it('is written with all that was said of it', async () => {
      const server = await known({ 'order.paid': [1] }, { emit_one: [[{ id: '8' }]] });
      clock.offset = -9;
      const labels = { correlationId: 'c', tenant: 't', key: 'k', tags: ['a'] };
      await append(server, [
        input({ ...labels, headers: { a: 'b' }, keyLane: 0, delay: 1, runAt: '2030-01-01T00:00:00Z' }),
      ]);
      expect(server.sent[0]?.values.slice(7)).toEqual([
        ...['{"a":"b"}', 'c', 't', 'k', ['a'], 0, 1, '2030-01-01T00:00:00Z', -9],
      ]);
    });

    it('is not delayed by nothing', async () => {
      const server = await known({ 'order.paid': [1] }, { emit_one: [[{ id: '8' }]] });
      await append(server, [input({ delay: 0 })]);
      expect(server.sent[0]?.values).toHaveLength(7);
    });

    it('is written for whoever receives it where that is not known, which then is read', async () => {
      const server = new ScriptedServer({
        ...{ emit: [[{ id: '8', receivers: 2, created: true }]], emit_one: [[{ id: '9' }]] },
        read_fan_out: [fanOut({ 'order.paid': [4] })],
      });
      expect(await append(server, [input()])).toEqual([{ id: '8', created: true, receivers: 2 }]);
      expect(server.steps()).toBe('emit, read_fan_out');
      expect(await append(server, [input()])).toEqual([{ id: '9', created: true, receivers: 1 }]);
      expect(server.steps()).toBe('emit_one');
    });

    it('is written anew where others receive it by now', async () => {
      const server = await known({ 'order.paid': [1] }, { emit: [[{ id: '8', receivers: 2, created: true }]] });
      expect(await append(server, [input()])).toEqual([{ id: '8', created: true, receivers: 2 }]);
      expect(server.steps()).toBe('emit_one, emit, read_fan_out');
    });

    it('is unknown again where there is no registration any more', async () => {
      const server = await known({ 'order.paid': [1] }, { emit: [[{ id: '8', receivers: 0, created: true }], []] });
      await append(server, [input()]);
      server.steps();
      await append(server, [input()]);
      expect(server.steps()).toBe('emit, read_fan_out');
    });

    it('that nobody receives is written for nobody', async () => {
      const server = await known(null, { emit_one: [[{ id: '8' }]] });
      expect(await append(server, [input()])).toEqual([{ id: '8', created: true, receivers: 0 }]);
      expect(server.steps()).toBe('emit_one');
    });

    it('that nobody receives is refused by the statement that sees so', async () => {
      const server = await known({}, { emit: [[{ id: null, receivers: 0, created: false }]] });
      await expect(append(server, [input()], true)).rejects.toThrow(UnroutedEventError);
      expect(server.sent).toEqual([{ statement: 'emit', values: [expect.any(String), 0, true] }]);
    });

    it('that somebody receives is not refused', async () => {
      const server = await known({ 'order.paid': [1] }, { emit_one: [[{ id: '8' }]] });
      expect(await append(server, [input()], true)).toHaveLength(1);
    });

    it('goes to each receiver of its patterns once, which events of one name need not share', async () => {
      const ids = ['1', '2', '3'].map((id) => [{ id }]);
      const server = await known({ a: [1, 2], b: [2, 3], c: [4] }, { emit_one: ids });
      for (const patterns of [
        ['a', 'b'],
        ['a', 'c'],
        ['a', 'b'],
      ])
        await append(server, [input({}, 'order.paid', patterns)]);
      expect(server.sent.map(({ values }) => values[3])).toEqual([
        [1, 2, 3],
        [1, 2, 4],
        [1, 2, 3],
      ]);
    });
  });

  describe('is kept at hand', () => {
    const emitted = async (receivers: number[], row: object, options: Partial<EmitInputOptions> = {}) => {
      await append(await known({ 'order.paid': receivers }, { emit_one: [[row]] }), [input(options)]);
      return recent.find('8');
    };

    it('as its receivers will read it', async () => {
      const labels = { headers: { a: 'b' }, correlationId: 'c', tenant: 't', key: 'k' };
      const event = {
        id: '8',
        name: 'order.paid',
        version: 3,
        payload: '{"orderId": 7}',
        createdAt: new Date(77),
        deliveries: 2,
      };
      expect(await emitted([1, 2], { id: '8', created_at: 77 }, labels)).toEqual({ ...event, ...labels });
    });

    it('without what was not said', async () => {
      expect(await emitted([1], { id: '8', created_at: 0 })).toMatchObject({
        ...{ headers: {}, correlationId: null, tenant: null, key: null, createdAt: new Date(0) },
      });
    });

    it.each([
      ['nobody receives it', [], { id: '8', created_at: 77 }],
      ['it was not asked when it was written', [1], { id: '8' }],
    ])('not where %s', async (_, receivers, row) => {
      expect(await emitted(receivers, row)).toBeUndefined();
    });
  });

  describe('several events', () => {
    it('are one statement, which reads them as JSON', async () => {
      const written = [
        { id: '8', receivers: 2, created: true },
        { id: '9', receivers: 0, created: true },
      ];
      const server = await known({ 'order.paid': [1] }, { emit: [written] });
      clock.offset = 3;
      expect(await append(server, [input(), input({ tenant: 't' }, 'order.sent', ['a', 'b'])])).toEqual(written);
      expect(server.sent).toEqual([{ statement: 'emit', values: [expect.any(String), 3, false] }]);
      expect(JSON.parse(server.sent[0]?.values[0] as string)).toEqual([
        {
          name: 'order.paid',
          version: 3,
          patterns: ['order.paid'],
          payload: { orderId: 7 },
          priority: 4,
          retain: 60_000,
        },
        {
          ...{ name: 'order.sent', version: 3, patterns: ['a', 'b'], payload: { orderId: 7 } },
          ...{ priority: 4, retain: 60_000, tenant: 't' },
        },
      ]);
    });

    it('are none where none is given', async () => {
      const server = await known({});
      expect([await append(server, []), server.sent[0]?.values[0]]).toEqual([[], '[]']);
    });

    it('are not refused where each is received', async () => {
      const written = ['8', '9'].map((id) => ({ id, receivers: 1, created: true }));
      expect(await append(await known({}, { emit: [written] }), [input(), input()], true)).toEqual(written);
    });

    it('are refused by the name of the first that nobody receives', async () => {
      const rows = [1, 0, 0].map((receivers) => ({ id: null, receivers, created: false }));
      const inputs = ['a.a', 'b.b', 'c.c'].map((name) => input({}, name));
      await expect(append(await known({}, { emit: [rows] }), inputs, true)).rejects.toThrow('b.b');
    });
  });

  describe('an event with a key of deduplication', () => {
    const once = (key: string): EmitInput => input({ deduplication: key, deduplicationWindow: 1 });

    it('is looked for, also among others', async () => {
      const server = await known(
        { 'order.paid': [1] },
        {
          ...{ emit_once: [[{ id: '8', receivers: 1, created: true }], [{ id: '8', receivers: 1, created: false }]] },
        },
      );
      expect(await append(server, [once('k')])).toEqual([{ id: '8', created: true, receivers: 1 }]);
      expect(await append(server, [input(), once('k')])).toEqual([{ id: '8', created: false, receivers: 0 }]);
      expect(server.steps()).toBe('emit_once, emit_once');
    });

    it('is read once another transaction ended that took the key, and those with it', async () => {
      const waiting = { id: null, receivers: 0, created: false };
      const server = await known(
        {},
        {
          emit_once: [[waiting, { id: '7', receivers: 1, created: true }, waiting]],
          find_duplicates: [
            [
              { key: 'c', id: '33' },
              { key: 'a', id: '11' },
            ],
          ],
        },
      );
      expect(await append(server, [once('a'), once('b'), once('c')])).toEqual([
        { id: '11', created: false, receivers: 0 },
        { id: '7', created: true, receivers: 1 },
        { id: '33', created: false, receivers: 0 },
      ]);
      expect(server.sent.map(({ statement, values }) => [statement, values[0]])).toEqual([
        ['emit_once', expect.any(String)],
        ['find_duplicates', ['a', 'c']],
      ]);
    });

    it('is to be emitted again where that one is gone', async () => {
      const server = await known({}, { emit_once: [[{ id: null, receivers: 0, created: false }]] });
      await expect(append(server, [once('a')])).rejects.toThrow('is gone; emit again');
    });
  });

  describe('what became of an event', () => {
    const row = { event: 'order.paid', emitted_at: 77, receiver: 'orders', attempts: 2, reason: null, due_at: null };

    it('is null where there is none', async () => {
      expect(await store.status(new ScriptedServer({}).connection, '8')).toBeNull();
    });

    it('is told receiver by receiver', async () => {
      const rows = [
        { ...row, state: 'retrying', due_at: 99 },
        { ...row, receiver: 'analytics', state: 'dead', reason: 'no' },
      ];
      const server = new ScriptedServer({ event_status: [rows] });
      expect(await store.status(server.connection, '8')).toEqual({
        ...{ id: '8', name: 'order.paid', emittedAt: new Date(77) },
        receivers: [
          { receiver: 'orders', state: 'retrying', attempts: 2, dueAt: new Date(99), reason: null },
          { receiver: 'analytics', state: 'dead', attempts: 2, dueAt: null, reason: 'no' },
        ],
      });
      expect(server.sent[0]?.values).toEqual(['8']);
    });

    it('is nothing where nobody receives it', async () => {
      const server = new ScriptedServer({ event_status: [[{ ...row, state: null }]] });
      expect((await store.status(server.connection, '8'))?.receivers).toEqual([]);
    });
  });
});
