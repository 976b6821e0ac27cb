import { Injectable } from '@nestjs/common';
import {
  type DeliveryState,
  EventNotFoundError,
  InvalidOptionError,
  OnReliableEvent,
  ReceiverNotFoundError,
  ReliableEvent,
  ReplayError,
  type ReplaySpanOptions,
  UnknownOptionError,
} from '../../lib/index.js';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import { Maintenance } from '../../lib/engine/maintenance/maintenance.js';
import { PostgresMaintenanceStore } from '../../lib/engine/maintenance/postgres-maintenance-store.js';
import { allOf, OperatedApplication } from './support/operated-application.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly number: number) {}
}
@ReliableEvent('order.sent')
class OrderSent {}
@ReliableEvent('stock.low')
class StockLow {}

@Injectable()
class Receivers {
  @OnReliableEvent(OrderPaid, { id: 'ship' })
  ship(): void {
    // never called
  }

  @OnReliableEvent('order.*', { id: 'count' })
  count(): void {
    // never called
  }
}

const ME = { actor: 'me' } as const;
const HOUR = 3_600_000;

describe('The event log', () => {
  let app: OperatedApplication;

  beforeAll(async () => {
    app = await OperatedApplication.start([Receivers]);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const emit = async (event: object = new OrderPaid(1), options: object = {}): Promise<string> =>
    (await app.events.emit(event, options)).id;
  const done = (): Promise<unknown> => app.rows('delete from jobs_delivery');
  const deliveryOf = async (eventId: string, receiver: string): Promise<string> =>
    `${eventId}.${await app.numberOf(receiver)}`;
  const open = (): Promise<number> => app.application.count('jobs_delivery');
  const purge = (): Promise<number> =>
    new Maintenance(
      new PostgresMaintenanceStore(new EngineDatabase(app.application.dataSource), tableNames(), app.clock),
    ).purge();
  const statesOf = async (eventId: string): Promise<Record<string, DeliveryState>> => {
    const status = await app.log.status(eventId);
    return Object.fromEntries(status?.receivers.map(({ receiver, state }) => [receiver, state]) ?? []);
  };

  /** A receiver that another process registered. */
  async function register(name: string, patterns: readonly string[], retired = false): Promise<void> {
    await app.rows(
      `with r as (insert into jobs_receiver (name, retired_at) values ($1, case when $3 then now() end) returning id)
       insert into jobs_subscription (pattern, receiver) select p, r.id from r cross join unnest($2::text[]) p`,
      [name, patterns, retired],
    );
  }
  async function forget(name: string): Promise<void> {
    await app.rows('delete from jobs_subscription where receiver = (select id from jobs_receiver where name = $1)', [
      name,
    ]);
    await app.rows('delete from jobs_receiver where name = $1', [name]);
  }

  describe('lists events', () => {
    it('the newest first, with what is known of them', async () => {
      const one = await emit(new OrderSent());
      const two = await emit(new OrderPaid(1), { tenant: 't', correlationId: 'c', key: 'k', tags: ['x'] });
      const { items, next } = await app.log.list();
      expect([items, next]).toEqual([
        [
          {
            id: two,
            name: 'order.paid',
            version: 1,
            emittedAt: expect.any(Date),
            tenant: 't',
            correlationId: 'c',
            key: 'k',
            tags: ['x'],
            receivers: 2,
          },
          {
            id: one,
            name: 'order.sent',
            version: 1,
            emittedAt: expect.any(Date),
            tenant: null,
            correlationId: null,
            key: null,
            tags: [],
            receivers: 1,
          },
        ],
        null,
      ]);
    });

    it.each<[string, object, object]>([
      ['name', { event: 'order.paid' }, {}],
      ['tenant', { tenant: 't' }, { tenant: 't' }],
      ['correlation id', { correlationId: 'c' }, { correlationId: 'c' }],
    ])('and counts them by %s', async (_, filter, options) => {
      await emit(new OrderSent());
      const wanted = await emit(new OrderPaid(1), options);
      expect([(await app.log.list(filter)).items.map(({ id }) => id), await app.log.count(filter)]).toEqual([
        [wanted],
        { count: 1, capped: false },
      ]);
    });

    it('of any span of time, though ids and times are not in the same order', async () => {
      const times = Array.from({ length: 200 }, (_, index) => Date.UTC(2030, 0, 1) + index * HOUR);
      for (const [index, time] of times.entries()) {
        // A transaction that was open for up to 50 minutes dates its events back.
        const at = new Date(time - (index % 6) * 10 * 60_000);
        await app.rows(
          `insert into jobs_event (name, payload, receivers, retain_until, created_at) values ('order.paid', '{}', '{}', now(), $1)`,
          [at.toISOString()],
        );
      }
      for (const [from, to] of [
        [10, 12],
        [0, 200],
        [50, 51],
        [199, 300],
        [-5, 0],
      ] as const) {
        const span = {
          from: new Date(Date.UTC(2030, 0, 1) + from * HOUR),
          to: new Date(Date.UTC(2030, 0, 1) + to * HOUR),
        };
        const [{ count } = { count: -1 }] = await app.rows<{ count: number }>(
          'select count(*)::int4 as count from jobs_event where created_at >= $1 and created_at < $2',
          [span.from.toISOString(), span.to.toISOString()],
        );
        const listed = await allOf((page) => app.log.list({ ...span, ...page }));
        if (listed.length !== count) throw new Error(`${from} to ${to}: ${listed.length} of ${count}`);
      }
      expect(
        (await app.log.count({ from: new Date(Date.UTC(2029, 0, 1)), to: new Date(Date.UTC(2029, 0, 2)) })).count,
      ).toBe(0);
    });

    it('and shows one with what it carries', async () => {
      const id = await emit(new OrderPaid(7), { headers: { a: '1' } });
      expect(await app.log.find(id)).toMatchObject({
        id,
        payload: { number: 7 },
        headers: { a: '1' },
        retainUntil: expect.any(Date),
      });
    });

    it.each(['999999', 'x', '', "1' or true", '99999999999999999999'])('but finds none under %j', async (id) => {
      expect([await app.log.find(id), await app.log.status(id)]).toEqual([null, null]);
    });
  });

  describe('replays an event', () => {
    it('to all receivers it went to', async () => {
      const id = await emit();
      await done();
      const replayed = await app.log.replay(id, ME);
      const deliveries = [await deliveryOf(id, 'ship'), await deliveryOf(id, 'count')].sort();
      expect([replayed, await statesOf(id)]).toEqual([
        { created: deliveries, open: [], retired: [] },
        { ship: 'waiting', count: 'waiting' },
      ]);
    });

    it('to one of them, and leaves the others alone', async () => {
      const id = await emit();
      await done();
      await app.log.replay(id, { ...ME, receiver: 'ship' });
      expect(await statesOf(id)).toEqual({ ship: 'waiting', count: 'delivered' });
    });

    it('to one that was added later, which it then went to as well', async () => {
      const id = await emit();
      await done();
      await register('mail', ['order.paid']);
      const replayed = await app.log.replay(id, { ...ME, receiver: 'mail' });
      const states = await statesOf(id);
      await forget('mail');
      expect([replayed.created.length, states]).toEqual([
        1,
        { ship: 'delivered', count: 'delivered', mail: 'waiting' },
      ]);
    });

    it('not where its delivery is open, which is answered', async () => {
      const id = await emit();
      const replayed = await app.log.replay(id, { ...ME, receiver: 'ship' });
      expect([replayed, await open(), (await app.audit.list()).items]).toEqual([
        { created: [], open: [await deliveryOf(id, 'ship')], retired: [] },
        2,
        [],
      ]);
    });

    it('once, however many do so at once', async () => {
      const id = await emit();
      await done();
      const results = await Promise.all([1, 2, 3, 4].map(() => app.log.replay(id, ME)));
      expect([results.reduce((sum, { created }) => sum + created.length, 0), await open()]).toEqual([2, 2]);
    });

    it('with the failures it died of, and takes the dead letter away', async () => {
      const id = await emit();
      await app.rows(
        `with d as (delete from jobs_delivery returning *)
         insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason, failures)
         select event_id, receiver, version, 2, 41, 3, 0, 'discarded', 'no', '[{"message":"lost"}]' from d`,
      );
      await app.log.replay(id, { ...ME, receiver: 'ship' });
      const [row] = await app.rows('select claims, priority, attempts, failures from jobs_delivery');
      expect([row, await statesOf(id)]).toEqual([
        { claims: 42, priority: 2, attempts: 0, failures: [{ message: 'lost' }] },
        { ship: 'waiting', count: 'discarded' },
      ]);
    });

    it('under claims that nobody can still hold', async () => {
      const id = await emit();
      const claims: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        await app.rows('update jobs_delivery set claims = claims + 1');
        const [row] = await app.rows<{ claims: number }>('select max(claims) as claims from jobs_delivery');
        claims.push(row!.claims);
        await done();
        await app.log.replay(id, { ...ME, receiver: 'ship' });
      }
      expect([claims[1]! > claims[0]!, claims[2]! > claims[1]!]).toEqual([true, true]);
    });

    it('in the lane of its key, as it was emitted', async () => {
      const id = await emit(new OrderPaid(1), { key: 'Größe 7' });
      const before = await app.rows('select receiver, lane, version from jobs_delivery order by receiver');
      await done();
      await app.log.replay(id, ME);
      expect(await app.rows('select receiver, lane, version from jobs_delivery order by receiver')).toEqual(before);
    });

    it('whose retention is nearly over, and keeps it until that is done', async () => {
      const id = await emit(new OrderPaid(1), { retain: 0 });
      await done();
      app.clock.offset = HOUR;
      await app.log.replay(id, { ...ME, receiver: 'ship' });
      const purged = [await purge(), await app.application.count('jobs_event')];
      await done();
      const soon = await purge();
      app.clock.offset += 2 * HOUR;
      expect([purged, soon, await purge()]).toEqual([[0, 1], 0, 1]);
    });

    it('or else the purge takes it first, whoever comes first', async () => {
      const id = await emit(new OrderPaid(1), { retain: 0 });
      await done();
      app.clock.offset = HOUR;
      const outcome = await Promise.all([
        purge(),
        app.log.replay(id, ME).then(
          ({ created }) => created.length,
          (error: unknown) => (error instanceof EventNotFoundError ? 0 : error),
        ),
      ]);
      const [events, deliveries] = [await app.application.count('jobs_event'), await open()];
      expect(outcome).toEqual(events === 1 ? [0, 2] : [1, 0]);
      expect(deliveries).toBe(events === 1 ? 2 : 0);
    });

    it('under the number it has where the receiver was renamed since', async () => {
      const id = await emit();
      await done();
      await app.rows(`update jobs_receiver set retired_at = now() where name = 'ship'`);
      await register('post', ['order.paid']);
      await app.rows(`update jobs_receiver set former_names = '{ship}' where name = 'post'`);
      const replayed = [await app.log.replay(id, { ...ME, receiver: 'post' }), await app.log.replay(id, ME)];
      await forget('post');
      await app.rows(`update jobs_receiver set retired_at = null where name = 'ship'`);
      const [ship, count] = [await deliveryOf(id, 'ship'), await deliveryOf(id, 'count')];
      expect(replayed).toEqual([
        { created: [ship], open: [], retired: [] },
        { created: [count], open: [ship], retired: [] },
      ]);
    });

    it('to none that is retired, and says so', async () => {
      const id = await emit();
      await done();
      await app.rows(`update jobs_receiver set retired_at = now() where name = 'ship'`);
      const toAll = await app.log.replay(id, ME);
      const toOne = await app.log.replay(id, { ...ME, receiver: 'ship' }).catch((error: unknown) => error);
      await app.rows(`update jobs_receiver set retired_at = null where name = 'ship'`);
      expect([toAll.retired, toOne]).toEqual([['ship'], expect.any(ReplayError)]);
    });

    it('with an entry in the audit', async () => {
      const id = await emit();
      await done();
      await app.log.replay(id, { actor: 'user:1', receiver: 'ship' });
      expect(
        (await app.audit.list({ subject: `event:${id}`, actor: 'user:1', action: 'event.replayed' })).items,
      ).toMatchObject([
        { actor: 'user:1', action: 'event.replayed', details: { deliveries: [await deliveryOf(id, 'ship')] } },
      ]);
    });

    const refusals: readonly [
      string,
      (id: string) => Promise<unknown>,
      abstract new (...args: never[]) => Error,
      string,
    ][] = [
      ['that there is not', () => app.log.replay('999999', ME), EventNotFoundError, '999999'],
      ['whose id is none', () => app.log.replay('x', ME), EventNotFoundError, 'x'],
      [
        'to a receiver that is not registered',
        (id) => app.log.replay(id, { ...ME, receiver: 'nobody' }),
        ReceiverNotFoundError,
        'nobody',
      ],
      ['of nobody', (id) => app.log.replay(id, {} as never), InvalidOptionError, 'actor'],
      ['with an unknown option', (id) => app.log.replay(id, { ...ME, to: 'ship' } as never), UnknownOptionError, 'to'],
    ];
    it.each(refusals)('but none %s', async (_, call, kind, field) => {
      const error = await call(await emit()).catch((thrown: unknown) => thrown);
      expect([error instanceof kind, String(error)]).toEqual([true, expect.stringContaining(field)]);
    });

    it('but none to a receiver that would not understand it', async () => {
      const id = await emit(new StockLow());
      const error = await app.log.replay(id, { ...ME, receiver: 'ship' }).catch((thrown: unknown) => thrown);
      expect([error instanceof ReplayError, String(error)]).toEqual([
        true,
        expect.stringContaining(
          'does not listen to "stock.low" and so would not understand it; it listens to order.paid.',
        ),
      ]);
    });
  });

  describe('replays a span of time', () => {
    const DAY = Date.UTC(2030, 0, 1);
    const span = (options: Partial<ReplaySpanOptions> = {}): ReplaySpanOptions => ({
      ...ME,
      receiver: 'mail',
      from: new Date(DAY),
      to: new Date(DAY + 24 * HOUR),
      ...options,
    });

    beforeEach(() => register('mail', ['order.*']));
    afterEach(() => forget('mail'));

    /** Events, one an hour, of before the receiver was there. */
    async function before(
      hours: readonly number[],
      name = 'order.paid',
      tenant: string | null = null,
    ): Promise<string[]> {
      const rows = await app.rows<{ id: string }>(
        `insert into jobs_event (name, payload, receivers, retain_until, created_at, tenant)
         select $2, '{}', array[(select id from jobs_receiver where name = 'ship')], now() + interval '10 years', to_timestamp($3::float8 / 1000) + hour * interval '1 hour', $4
         from unnest($1::int[]) hour returning id::text`,
        [hours, name, DAY, tenant],
      );
      return rows.map(({ id }) => id);
    }
    const replayed = async (): Promise<string[]> =>
      (await app.rows<{ event_id: string }>('select event_id::text from jobs_delivery order by event_id')).map(
        (row) => row.event_id,
      );

    it('to a receiver that was added later, and to no other', async () => {
      const [early, first, last, late] = await before([-1, 0, 23, 24]);
      const result = await app.log.replaySpan(span());
      expect([result, await replayed(), await statesOf(early!), await statesOf(first!), await statesOf(late!)]).toEqual(
        [
          { changed: 2, open: 0, next: null },
          [first, last],
          { ship: 'delivered' },
          { ship: 'delivered', mail: 'waiting' },
          { ship: 'delivered' },
        ],
      );
    });

    it('again while it is open, and adds nothing', async () => {
      await before([1, 2, 3]);
      await app.log.replaySpan(span());
      expect([await app.log.replaySpan(span()), await open()]).toEqual([{ changed: 0, open: 3, next: null }, 3]);
    });

    it('from where a call before it ended', async () => {
      const events = await before([1, 2, 3, 4, 5]);
      const first = await app.log.replaySpan(span({ limit: 2 }));
      const second = await app.log.replaySpan(span({ limit: 2, after: first.next! }));
      const third = await app.log.replaySpan(span({ after: second.next! }));
      expect([first.changed, second.changed, third, await replayed()]).toEqual([
        2,
        2,
        { changed: 1, open: 0, next: null },
        events,
      ]);
    });

    it('all of it again once it is done, or what was missed alone', async () => {
      const [one, two] = await before([1, 2]);
      await app.log.replay(one!, { ...ME, receiver: 'mail' });
      await done();
      const missed = await app.log.replaySpan(span({ scope: 'missed' }));
      const [only] = await replayed();
      await done();
      expect([missed.changed, only, (await app.log.replaySpan(span())).changed]).toEqual([1, two, 2]);
    });

    it('of the events that are named, or of a tenant', async () => {
      await before([1]);
      const [sent] = await before([2], 'order.sent');
      const [theirs] = await before([3], 'order.paid', 't');
      await app.log.replaySpan(span({ event: 'order.sent' }));
      await app.log.replaySpan(span({ tenant: 't' }));
      expect(await replayed()).toEqual([sent, theirs]);
    });

    it('without what the receiver does not listen to', async () => {
      await before([1], 'stock.low');
      await before([1], 'order');
      expect(await app.log.replaySpan(span())).toEqual({ changed: 0, open: 0, next: null });
    });

    it('and in a dry run says how many there would be and does nothing', async () => {
      await before([1, 2, 3]);
      const result = await app.log.replaySpan(span({ dryRun: true, rate: 0.001 }));
      expect([result, await open(), (await app.audit.list()).items]).toEqual([
        { changed: 3, open: 0, next: null },
        0,
        [],
      ]);
    });

    it('with an entry in the audit for each batch', async () => {
      const events = await before([1, 2]);
      await app.log.replaySpan(span({ event: 'order.paid' }));
      expect((await app.audit.list({ subject: 'receiver:mail' })).items).toMatchObject([
        {
          action: 'event.replayed',
          details: {
            events,
            from: new Date(DAY).toISOString(),
            to: new Date(DAY + 24 * HOUR).toISOString(),
            scope: 'all',
          },
        },
      ]);
    });

    const refusals: readonly [string, object, abstract new (...args: never[]) => Error, string][] = [
      ['without a receiver', { receiver: undefined }, InvalidOptionError, 'receiver'],
      ['to a receiver that is not registered', { receiver: 'nobody' }, ReceiverNotFoundError, 'nobody'],
      ['without an end', { to: undefined }, InvalidOptionError, 'to'],
      ['of events that the receiver does not listen to', { event: 'stock.low' }, ReplayError, 'stock.low'],
      ['of a scope that there is not', { scope: 'some' }, InvalidOptionError, 'scope'],
      ['of a correlation id', { correlationId: 'c' }, UnknownOptionError, 'correlationId'],
    ];
    it.each(refusals)('but none %s', async (_, options, kind, field) => {
      const error = await app.log.replaySpan(span(options)).catch((thrown: unknown) => thrown);
      expect([error instanceof kind, String(error)]).toEqual([true, expect.stringContaining(field)]);
    });
  });
});
