import { Injectable, Logger } from '@nestjs/common';
import {
  emission,
  type EventOptions,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
  UnroutedEventError,
} from '../../lib/index.js';
import { EmittingApplication, NOTHING } from '../support/emitting-application.js';

@ReliableEvent('parcel.sent')
class ParcelSent {
  constructor(readonly parcelId: string) {}
}

const stacked = reliableEvent<{ parcelId: string }>('crate.stacked');
const torn = reliableEvent<{ parcelId: string }>('letter.torn');
const lost = reliableEvent<{ parcelId: string }>('letter.lost');

@Injectable()
class Receivers {
  @OnReliableEvent('parcel.*', { id: 'parcels' })
  parcels(): void {}

  @OnReliableEvent('crate.*', { id: 'crates' })
  crates(): void {}

  @OnReliableEvent(stacked, { id: 'stack' })
  stack(): void {}
}

describe('Emitting', () => {
  let app: EmittingApplication;
  const sent = new ParcelSent('1');

  beforeAll(async () => {
    app = await EmittingApplication.start({ providers: [Receivers] }, { retention: '1d' });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  describe('with a dedupeKey', () => {
    const once: EventOptions = { dedupeKey: 'parcel-1' };

    it('writes the event once, and answers with its id from then on', async () => {
      const first = await app.events.emit(sent, once);
      const second = await app.events.emit(new ParcelSent('2'), once);
      expect([first, second, await app.written()]).toEqual([
        { id: first.id, created: true },
        { id: first.id, created: false },
        { events: 1, deliveries: 1, keys: 1 },
      ]);
    });

    it('writes the first of two in one call', async () => {
      const [other, first, second] = await app.events.emitMany([
        new ParcelSent('0'),
        emission(new ParcelSent('1'), once),
        emission(new ParcelSent('2'), once),
      ]);
      const stored = await app.rows('select payload from jobs_event order by id');
      expect([other?.created, first?.created, second, stored]).toEqual([
        true,
        true,
        { id: first?.id, created: false },
        [{ payload: { parcelId: '0' } }, { payload: { parcelId: '1' } }],
      ]);
    });

    it('answers each of many in one call with the first, where the key was taken before', async () => {
      const first = await app.events.emit(sent, once);
      const repeated = await app.events.emitMany([sent, sent], once);
      expect(repeated).toEqual([
        { id: first.id, created: false },
        { id: first.id, created: false },
      ]);
    });

    it('answers with the event of its own transaction', async () => {
      const ids = await app.dataSource.transaction(async (manager) => [
        await app.events.emit(sent, { ...once, manager }),
        await app.events.emit(sent, { ...once, manager }),
      ]);
      expect(ids).toEqual([
        { id: ids[0]?.id, created: true },
        { id: ids[0]?.id, created: false },
      ]);
    });

    it('frees the key when the transaction rolls back', async () => {
      await app.dataSource
        .transaction(async (manager) => {
          await app.events.emit(sent, { ...once, manager });
          throw new Error('changed my mind');
        })
        .catch(() => undefined);
      expect((await app.events.emit(sent, once)).created).toBe(true);
    });

    it('waits for a transaction that took the key, and takes it when that one rolls back', async () => {
      const runner = app.dataSource.createQueryRunner();
      await runner.startTransaction();
      await app.events.emit(sent, { ...once, manager: runner.manager });
      const waiting = app.events.emit(new ParcelSent('2'), once);
      await runner.rollbackTransaction();
      await runner.release();
      expect([(await waiting).created, await app.rows('select payload from jobs_event')]).toEqual([
        true,
        [{ payload: { parcelId: '2' } }],
      ]);
    });

    it.each<[string, EventOptions]>([
      ['another tenant', { dedupeKey: 'parcel-1', tenant: 'acme' }],
      ['a list of the same text', { dedupeKey: ['parcel-1'] }],
    ])('keeps it apart from %s', async (_, options) => {
      await app.events.emit(sent, once);
      expect((await app.events.emit(sent, options)).created).toBe(true);
    });

    it('keeps it apart from another event', async () => {
      await app.events.emit(sent, once);
      expect((await app.events.emit(lost, { parcelId: '1' }, once)).created).toBe(true);
    });

    it('stores no key, but a hash of it', async () => {
      await app.events.emit(sent, once);
      expect(
        await app.rows(
          "select octet_length(hash) as bytes, position('parcel'::bytea in hash) as at from jobs_deduplication",
        ),
      ).toEqual([{ bytes: 32, at: 0 }]);
    });

    it.each([
      ['the retention of the module', {}, 86_400_000],
      ['a window of its own', { dedupeWindow: '1h' }, 3_600_000],
      ['no time at all', { dedupeWindow: 0 }, 0],
    ])('takes the key for %s', async (_, options, milliseconds) => {
      await app.events.emit(sent, { ...once, ...options });
      const rows = await app.rows(
        `select round(extract(epoch from d.until - e.created_at) * 1000)::int4 as window
         from jobs_deduplication d join jobs_event e on e.id = d.event_id`,
      );
      expect(rows).toEqual([{ window: milliseconds }]);
    });
  });

  describe('for later', () => {
    const due = (): Promise<unknown[]> =>
      app.rows(
        // The moment of the statement may lie a little after that of its transaction.
        `select round(extract(epoch from due_at - created_at), -1)::int4 as delay, ready_xid is null as waits
         from jobs_delivery join jobs_event on id = event_id`,
      );

    it('counts a delay from the time of the database', async () => {
      await app.events.emit(sent, { delay: '5m' });
      expect(await due()).toEqual([{ delay: 300, waits: true }]);
    });

    it.each(['2031-02-03T04:05:06Z', '2031-02-03T05:05:06+01:00', new Date('2031-02-03T04:05:06Z')])(
      'takes the moment %p',
      async (runAt) => {
        await app.events.emit(sent, { runAt });
        const rows = await app.rows<{ due_at: Date }>('select due_at from jobs_delivery');
        expect(rows.map(({ due_at }) => due_at.toISOString())).toEqual(['2031-02-03T04:05:06.000Z']);
      },
    );

    it.each<[string, EventOptions]>([
      ['without either', {}],
      ['without a delay worth the name', { delay: 0 }],
      ['for a moment that has passed', { runAt: new Date(0) }],
    ])('waits for nothing %s', async (_, options) => {
      await app.events.emit(sent, options);
      expect(await due()).toEqual([{ delay: null, waits: false }]);
    });

    it('gives each event of a call what it says itself, or else what the call says', async () => {
      await app.events.emitMany([sent, emission(sent, { delay: '10s', priority: 7 })], { delay: '1m', priority: 0 });
      const rows = await app.rows('select priority from jobs_delivery order by event_id');
      expect([await due(), rows]).toEqual([
        [
          { delay: 60, waits: true },
          { delay: 10, waits: true },
        ],
        [{ priority: 0 }, { priority: 7 }],
      ]);
    });
  });

  it.each([
    ['as long as the module says', {}, 86_400_000],
    ['no longer than needed', { retain: 0 }, 0],
    ['as long as the call says', { retain: '30d' }, 30 * 86_400_000],
  ])('keeps the event %s', async (_, options, milliseconds) => {
    await app.events.emit(sent, options);
    const rows = await app.rows(
      'select (extract(epoch from retain_until - created_at) * 1000)::bigint::text as kept from jobs_event',
    );
    expect(rows).toEqual([{ kept: String(milliseconds) }]);
  });

  it('stores what accompanies the event as it was given', async () => {
    const given = { key: 'k', tenant: 't', correlationId: 'c', tags: ['a', 'b'], headers: { trace: 'x', empty: '' } };
    await app.events.emit(sent, given);
    const rows = await app.rows(
      'select name, version, payload, key, tenant, correlation_id as "correlationId", tags, headers from jobs_event',
    );
    expect(rows).toEqual([{ name: 'parcel.sent', version: 1, payload: { parcelId: '1' }, ...given }]);
  });

  describe('what no receiver is registered for', () => {
    it('Q9: writes no delivery, while others write one for each receiver', async () => {
      await app.events.emitMany([sent, emission(stacked, { parcelId: '1' }), emission(lost, { parcelId: '1' })]);
      const rows = await app.rows(
        `select name, (select count(*)::int4 from jobs_delivery where event_id = id) as deliveries from jobs_event
         order by id`,
      );
      expect(rows).toEqual([
        { name: 'parcel.sent', deliveries: 1 },
        { name: 'crate.stacked', deliveries: 2 },
        { name: 'letter.lost', deliveries: 0 },
      ]);
    });

    it('Q9: is stored, counted, and warned of once for each name', async () => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
      await app.events.emitMany([emission(torn, { parcelId: '1' }), emission(torn, { parcelId: '2' }), sent]);
      await app.events.emit(torn, { parcelId: '3' });
      const warnings = warn.mock.calls.map(([message]) => String(message));
      warn.mockRestore();
      expect([warnings, app.events.unroutedEvents.get('letter.torn'), await app.written()]).toEqual([
        [expect.stringContaining('"letter.torn" was emitted, but no receiver is registered for it')],
        3,
        { events: 4, deliveries: 1, keys: 0 },
      ]);
    });
  });
});

describe('With unroutedEvents set to refuse, an event without a receiver', () => {
  let app: EmittingApplication;

  beforeAll(async () => {
    app = await EmittingApplication.start({ providers: [Receivers] }, { unroutedEvents: 'refuse' });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  it('is refused by its name', async () => {
    await expect(app.events.emit(lost, { parcelId: '1' })).rejects.toThrow(
      'No receiver is registered for "letter.lost". Add one with @OnReliableEvent and start (or register) the process that contains it, ' +
        "or set unroutedEvents: 'warn'.",
    );
  });

  it.each<[string, EventOptions]>([
    ['without a dedupeKey', {}],
    ['with a dedupeKey', { dedupeKey: 'a' }],
  ])('keeps all others of its call from being written, %s', async (_, options) => {
    const emitted = app.events.emitMany([new ParcelSent('1'), emission(lost, { parcelId: '1' })], options);
    const error: unknown = await emitted.catch((reason: unknown) => reason);
    expect([error, await app.written()]).toEqual([new UnroutedEventError('letter.lost'), NOTHING]);
  });

  it('lets one with receivers pass, also when it is repeated', async () => {
    await app.events.emit(new ParcelSent('1'), { dedupeKey: 'a' });
    expect((await app.events.emit(new ParcelSent('1'), { dedupeKey: 'a' })).created).toBe(false);
  });
});
