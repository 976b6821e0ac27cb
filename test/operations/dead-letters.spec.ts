import { Injectable } from '@nestjs/common';
import {
  type DeadLetter,
  type DeadLetterFilter,
  InvalidOptionError,
  OnReliableEvent,
  ReceiverNotFoundError,
  ReliableEvent,
  UnknownOptionError,
} from '../../lib/index.js';
import { Maintenance } from '../../lib/engine/maintenance/maintenance.js';
import { PostgresMaintenanceStore } from '../../lib/engine/maintenance/postgres-maintenance-store.js';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import { fingerprintOf } from '../../lib/engine/deliveries/error-fingerprint.js';
import { until } from '../support/until.js';
import { allOf, OperatedApplication } from './support/operated-application.js';

@ReliableEvent('order.paid')
class OrderPaid {}
@ReliableEvent('order.sent')
class OrderSent {}

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

/** What is said of a delivery that is given up. */
interface Death {
  readonly error?: string;
  readonly message?: string;
  readonly claims?: number;
  readonly diedAt?: Date;
}

describe('Dead letters', () => {
  let app: OperatedApplication;

  beforeAll(async () => {
    app = await OperatedApplication.start([Receivers]);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const emit = async (options: object = {}, event: object = new OrderPaid()): Promise<string> =>
    (await app.events.emit(event, options)).id;
  const ids = (letters: readonly DeadLetter[]): string[] => letters.map(({ id }) => id);
  const countOf = (table: string): Promise<number> => app.application.count(table);

  /** Gives an event's delivery up as a worker does. */
  async function dead(eventId: string, death: Death = {}, receiver = 'ship'): Promise<string> {
    const { error = 'TypeError', message = 'order is lost', claims = 3, diedAt = new Date() } = death;
    const failures = [1, 2].map((attempt) => ({
      kind: 'failed',
      at: '2030-01-01T00:00:00Z',
      attempt,
      name: error,
      message,
      stack: 'there',
    }));
    const [row] = await app.rows<{ id: string }>(
      `with buried as (delete from jobs_delivery where event_id = $1 and receiver = (select id from jobs_receiver where name = $2) returning *)
       insert into jobs_dead_letter (event_id, receiver, version, priority, lane, claims, attempts, interruptions, kind, reason, failures, died_at, error, fingerprint)
       select event_id, receiver, version, priority, lane, $3, 2, 1, 'dead', 'failed 2 times: ' || $5, $6, $7, $4::text, ${fingerprintOf('$4::text', '$5::text')}
       from buried returning id::text`,
      [eventId, receiver, claims, error, message, JSON.stringify(failures), diedAt.toISOString()],
    );
    return row!.id;
  }

  describe('are listed', () => {
    it('with what is known of them', async () => {
      const eventId = await emit({ tenant: 't', correlationId: 'c', key: 'k', priority: 2 });
      const id = await dead(eventId);
      expect((await app.deadLetters.list()).items).toEqual([
        {
          id,
          deliveryId: `${eventId}.${await app.numberOf('ship')}`,
          eventId,
          event: 'order.paid',
          receiver: 'ship',
          kind: 'dead',
          reason: 'failed 2 times: order is lost',
          priority: 2,
          attempts: 2,
          interruptions: 1,
          error: 'TypeError',
          message: 'order is lost',
          errorGroup: expect.stringMatching(/^[0-9a-f]{16}$/),
          diedAt: expect.any(Date),
          emittedAt: expect.any(Date),
          tenant: 't',
          correlationId: 'c',
          key: 'k',
        },
      ]);
    });

    it('the youngest first, page by page', async () => {
      const letters = [await dead(await emit()), await dead(await emit()), await dead(await emit())];
      const found = await allOf((page) => app.deadLetters.list({ limit: 1, ...page }));
      expect(ids(found)).toEqual(letters.reverse());
    });

    const filters: readonly [string, () => Promise<string>, DeadLetterFilter][] = [
      ['their receiver', async () => dead(await emit(), {}, 'count'), { receiver: 'count' }],
      [
        'the name of the event',
        async () => dead(await emit({}, new OrderSent()), {}, 'count'),
        { event: 'order.sent' },
      ],
      ['the error', async () => dead(await emit(), { error: 'RangeError' }), { error: 'RangeError' }],
      ['the tenant', async () => dead(await emit({ tenant: 't' })), { tenant: 't' }],
      [
        'the correlation id',
        async () => dead(await emit({ correlationId: 'c' })),
        { correlationId: 'c', receiver: 'ship' },
      ],
      [
        'the time of their death',
        async () => dead(await emit(), { diedAt: new Date(Date.UTC(2031, 0, 1)) }),
        { from: new Date(Date.UTC(2031, 0, 1)), to: new Date(Date.UTC(2031, 0, 2)) },
      ],
    ];
    it.each(filters)('and counted by %s', async (_, make, filter) => {
      await dead(await emit());
      const wanted = await make();
      expect([
        ids(await allOf((page) => app.deadLetters.list({ ...filter, ...page }))),
        await app.deadLetters.count(filter),
      ]).toEqual([[wanted], { count: 1, capped: false }]);
    });

    it('and shown with their event and every failure', async () => {
      const eventId = await emit();
      const id = await dead(eventId);
      expect(await app.deadLetters.find(id)).toMatchObject({
        id,
        failures: [{ attempt: 1, stack: 'there' }, { attempt: 2 }],
        recordedEvent: { id: eventId, payload: {}, headers: {} },
      });
    });

    it.each(['1', 'x', '', '99999999999999999999'])('but none is found under %j', async (id) => {
      expect(await app.deadLetters.find(id)).toBeNull();
    });

    const refusals: readonly [string, () => Promise<unknown>, abstract new (...args: never[]) => Error, string][] = [
      ['a kind that there is not', () => app.deadLetters.list({ kind: 'lost' } as object), InvalidOptionError, 'kind'],
      ['an unknown option', () => app.deadLetters.count({ state: 'dead' } as object), UnknownOptionError, 'state'],
      ['an unknown receiver', () => app.deadLetters.errors({ receiver: 'nobody' }), ReceiverNotFoundError, 'nobody'],
      ['a redrive of nobody', () => app.deadLetters.redrive('1', {} as never), InvalidOptionError, 'actor'],
      [
        'a redrive of everything without saying so',
        () => app.deadLetters.redriveMatching(undefined as never, ME),
        InvalidOptionError,
        'filter',
      ],
      [
        'a redrive at no rate',
        () => app.deadLetters.redriveMatching({}, { ...ME, rate: 0 }),
        InvalidOptionError,
        'rate',
      ],
      [
        'a signal that is none',
        () => app.deadLetters.redriveMatching({}, { ...ME, signal: {} as never }),
        InvalidOptionError,
        'signal',
      ],
      [
        'a redrive of what was discarded',
        () => app.deadLetters.redriveMatching({ kind: 'discarded' } as object, ME),
        UnknownOptionError,
        'kind',
      ],
    ];
    it.each(refusals)('but %s is refused', async (_, call, kind, field) => {
      const error = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect([error instanceof kind, String(error)]).toEqual([true, expect.stringContaining(field)]);
    });
  });

  describe('are grouped by their errors', () => {
    it('whatever numbers, uuids and quoted texts are in the messages', async () => {
      const messages = [
        `order 17 of 6b1f0c1e-36a4-4f0e-9d5a-6a1f0e36a44f is "lost", can't ship 1,234.50`,
        `order 4711 of ffffffff-aaaa-bbbb-cccc-dddddddddddd is "not there", can't ship 7`,
      ];
      const times = [Date.UTC(2031, 0, 1), Date.UTC(2031, 0, 2)].map((time) => new Date(time));
      for (const [index, message] of messages.entries()) await dead(await emit(), { message, diedAt: times[index]! });
      const { items } = await app.deadLetters.errors();
      const filtered = await app.deadLetters.list({ receiver: 'ship', errorGroup: items[0]!.errorGroup });
      expect([items, filtered.items.length]).toEqual([
        [
          {
            receiver: 'ship',
            errorGroup: expect.any(String),
            error: 'TypeError',
            message: `order # of # is …, can't ship #`,
            count: 2,
            capped: false,
            firstSeen: times[0],
            lastSeen: times[1],
          },
        ],
        2,
      ]);
    });

    it('apart for each receiver, kind of error and message', async () => {
      const eventId = await emit();
      await dead(eventId);
      await dead(eventId, {}, 'count');
      await dead(await emit(), { error: 'RangeError' });
      await dead(await emit(), { message: 'something else' });
      const all = await allOf((page) => app.deadLetters.errors({ limit: 1, ...page }));
      const ofOne = await app.deadLetters.errors({ receiver: 'count' });
      expect([all.length, ofOne.items.length]).toEqual([4, 1]);
    });

    it('those that were interrupted too often by that', async () => {
      await dead(await emit());
      await app.rows(`update jobs_dead_letter set error = null, failures = null, reason = 'interrupted 10 times'`);
      expect((await app.deadLetters.errors()).items).toMatchObject([{ error: null, message: 'interrupted # times' }]);
    });
  });

  describe('are redriven:', () => {
    it('one is a delivery again, with its history and with fresh attempts', async () => {
      const eventId = await emit({ key: 'k', priority: 2 });
      const [before] = await app.rows(`select priority, lane, version from jobs_delivery where receiver = $1`, [
        await app.numberOf('ship'),
      ]);
      const id = await dead(eventId);
      const changes = await app.deadLetters.redrive(id, ME);
      const deliveryId = `${eventId}.${await app.numberOf('ship')}`;
      expect([
        changes,
        await app.deliveries.find(deliveryId),
        await app.rows(`select priority, lane, version from jobs_delivery where receiver = $1`, [
          await app.numberOf('ship'),
        ]),
        await app.deadLetters.find(id),
      ]).toEqual([
        { changed: [id], open: [], missing: [] },
        expect.objectContaining({
          state: 'waiting',
          attempts: 0,
          interruptions: 0,
          error: null,
          failures: [expect.anything(), expect.anything()],
        }),
        [before],
        null,
      ]);
    });

    it('its claims go on behind those it had', async () => {
      await app.deadLetters.redrive(await dead(await emit(), { claims: 41 }), ME);
      const [row] = await app.rows<{ claims: number }>('select claims from jobs_delivery where claims > 0');
      expect(row).toEqual({ claims: 42 });
    });

    it('several become one delivery each, however many redrive them at once', async () => {
      const letters: string[] = [];
      for (let number = 0; number < 20; number += 1) letters.push(await dead(await emit()));
      const open = await countOf('jobs_delivery');
      const results = await Promise.all([
        app.deadLetters.redrive(letters, ME),
        app.deadLetters.redrive([...letters].reverse(), ME),
        app.deadLetters.redriveMatching({}, ME),
      ]);
      const changed = results.reduce(
        (sum, result) => sum + (typeof result.changed === 'number' ? result.changed : result.changed.length),
        0,
      );
      expect([changed, (await countOf('jobs_delivery')) - open, await countOf('jobs_dead_letter')]).toEqual([
        20, 20, 0,
      ]);
    });

    it('one whose delivery is open stays', async () => {
      const eventId = await emit();
      const id = await dead(eventId);
      await app.rows('insert into jobs_delivery (event_id, receiver) values ($1, $2)', [
        eventId,
        await app.numberOf('ship'),
      ]);
      expect([await app.deadLetters.redrive(id, ME), await countOf('jobs_dead_letter')]).toEqual([
        { changed: [], open: [id], missing: [] },
        1,
      ]);
    });

    it('one that is not there is answered as missing', async () => {
      expect(await app.deadLetters.redrive(['1', 'x'], ME)).toEqual({ changed: [], open: [], missing: ['1', 'x'] });
    });

    it('those of a filter and no others', async () => {
      await dead(await emit());
      await dead(await emit({ tenant: 't' }));
      const result = await app.deadLetters.redriveMatching({ tenant: 't' }, ME);
      expect([result, await app.deadLetters.count()]).toEqual([
        { changed: 1, open: 0, next: null },
        { count: 1, capped: false },
      ]);
    });

    it('all of them, as many a call as it is told, the oldest first', async () => {
      const letters: string[] = [];
      for (let number = 0; number < 5; number += 1) letters.push(await dead(await emit()));
      const first = await app.deadLetters.redriveMatching({}, { ...ME, limit: 2 });
      const left = ids((await app.deadLetters.list()).items);
      const second = await app.deadLetters.redriveMatching({}, { ...ME, after: first.next! });
      expect([first.changed, left, second]).toEqual([
        2,
        letters.slice(2).reverse(),
        { changed: 3, open: 0, next: null },
      ]);
    });

    it('a dry run says how many there would be and does nothing', async () => {
      await dead(await emit());
      await dead(await emit());
      const result = await app.deadLetters.redriveMatching({ receiver: 'ship' }, { ...ME, dryRun: true });
      expect([result, await countOf('jobs_dead_letter'), (await app.audit.list()).items]).toEqual([
        { changed: 2, open: 0, next: null },
        2,
        [],
      ]);
    });

    it('none, when its signal had aborted', async () => {
      await dead(await emit());
      const redriven = app.deadLetters.redriveMatching({}, { ...ME, signal: AbortSignal.abort(new Error('too late')) });
      await expect(redriven).rejects.toThrow('too late');
    });

    it('no faster than told, and no more once its signal aborts', async () => {
      for (let number = 0; number < 3; number += 1) await dead(await emit());
      const controller = new AbortController();
      const redriving = app.deadLetters.redriveMatching({}, { ...ME, rate: 0.01, signal: controller.signal });
      await until(async () => (await countOf('jobs_dead_letter')) < 3);
      controller.abort();
      const first = await redriving;
      const rest = await app.deadLetters.redriveMatching({}, { ...ME, after: first.next! });
      expect([first, rest]).toEqual([
        { changed: 1, open: 0, next: expect.any(String) },
        { changed: 2, open: 0, next: null },
      ]);
    });

    it('and their events are kept until they are done', async () => {
      const eventId = await emit({ retain: 0 });
      await app.rows('delete from jobs_delivery where receiver <> $1', [await app.numberOf('ship')]);
      const id = await dead(eventId);
      const maintenance = new Maintenance(
        new PostgresMaintenanceStore(new EngineDatabase(app.application.dataSource), tableNames(), app.clock),
      );
      app.clock.offset = 60_000;
      await maintenance.purge();
      await app.deadLetters.redrive(id, ME);
      app.clock.offset = 120_000_000;
      await maintenance.purge();
      expect(await countOf('jobs_event')).toBe(1);
    });

    it('with an entry in the audit, for one as for many', async () => {
      const [one, two, three] = [await dead(await emit()), await dead(await emit()), await dead(await emit())];
      await app.deadLetters.redrive(one, { actor: 'user:1' });
      await app.deadLetters.redriveMatching({ receiver: 'ship' }, { actor: 'user:2' });
      expect((await app.audit.list()).items).toMatchObject([
        {
          actor: 'user:2',
          action: 'dead-letter.redriven',
          subject: 'dead-letters',
          details: { filter: { receiver: 'ship' }, ids: [two, three] },
        },
        { actor: 'user:1', action: 'dead-letter.redriven', subject: `dead-letter:${one}`, details: {} },
      ]);
    });
  });

  describe('are discarded:', () => {
    it('one is settled with the reason, and its event may go', async () => {
      const id = await dead(await emit({ retain: 0 }));
      await app.rows('delete from jobs_delivery');
      const changes = await app.deadLetters.discard(id, { actor: 'me', reason: 'refunded' });
      const found = await app.deadLetters.find(id);
      app.clock.offset = 60_000;
      await new Maintenance(
        new PostgresMaintenanceStore(new EngineDatabase(app.application.dataSource), tableNames(), app.clock),
      ).purge();
      expect([changes.changed, found, await countOf('jobs_event')]).toEqual([
        [id],
        expect.objectContaining({ kind: 'discarded', reason: 'refunded' }),
        0,
      ]);
    });

    it('once, and not redriven any more', async () => {
      const id = await dead(await emit());
      const options = { actor: 'me', reason: 'refunded' };
      await app.deadLetters.discard(id, options);
      const again = await app.deadLetters.discard([id, 'x'], options);
      const redriven = await app.deadLetters.redrive(id, ME);
      expect([
        again.missing,
        redriven.missing,
        (await app.audit.list({ subject: `dead-letter:${id}` })).items.length,
      ]).toEqual([[id, 'x'], [id], 1]);
    });
  });
});
