import { Injectable } from '@nestjs/common';
import {
  type Delivery,
  InvalidOptionError,
  OnReliableEvent,
  PayloadError,
  ReceiverNotFoundError,
  ReliableEvent,
  UnknownOptionError,
} from '../../lib/index.js';
import { allOf, OperatedApplication } from './support/operated-application.js';

@ReliableEvent('order.paid')
class OrderPaid {
  constructor(readonly number: number) {}
}
@ReliableEvent('order.sent')
class OrderSent {}

@Injectable()
class Receivers {
  @OnReliableEvent(OrderPaid, { id: 'ship', aliases: ['send'] })
  ship(): void {
    // never called
  }

  @OnReliableEvent('order.*', { id: 'count' })
  count(): void {
    // never called
  }
}

const failure = (attempt: number, message: string): object => ({
  kind: 'failed',
  at: `2030-01-01T00:00:0${attempt}.000Z`,
  attempt,
  name: 'TypeError',
  message,
  stack: 'TypeError\n at there',
});

describe('Deliveries', () => {
  let app: OperatedApplication;

  beforeAll(async () => {
    app = await OperatedApplication.start([Receivers]);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const emit = async (options: object = {}): Promise<string> => (await app.events.emit(new OrderPaid(1), options)).id;
  const idOf = async (eventId: string, receiver = 'ship'): Promise<string> =>
    `${eventId}.${await app.numberOf(receiver)}`;
  const ids = (items: readonly Delivery[]): string[] => items.map(({ id }) => id);

  /** As a worker that failed leaves it. */
  async function failed(eventId: string, message = 'order 17 is lost', group = 'a'.repeat(16)): Promise<string> {
    await app.rows(
      `update jobs_delivery set attempts = 1, ready_xid = null, due_at = now() + interval '1 h', failures = $2, error = 'TypeError', fingerprint = $3
       where event_id = $1 and receiver = $4`,
      [eventId, JSON.stringify([failure(1, message)]), group, await app.numberOf('ship')],
    );
    return idOf(eventId);
  }

  /** As a worker holds it. */
  async function claimed(eventId: string): Promise<string> {
    await app.rows(
      'update jobs_delivery set worker = 7, claims = claims + 1, claimed_at = now() where event_id = $1 and receiver = $2',
      [eventId, await app.numberOf('ship')],
    );
    return idOf(eventId);
  }

  describe('are listed', () => {
    it('with what is known of them', async () => {
      const id = await emit({ tenant: 't', correlationId: 'c', key: 'k', priority: 2 });
      await failed(id);
      const { items } = await app.deliveries.list({ receiver: 'ship', state: 'retrying' });
      expect(items).toEqual([
        {
          id: await idOf(id),
          eventId: id,
          event: 'order.paid',
          receiver: 'ship',
          state: 'retrying',
          priority: 2,
          attempts: 1,
          interruptions: 0,
          error: 'TypeError',
          message: 'order 17 is lost',
          errorGroup: 'a'.repeat(16),
          dueAt: expect.any(Date),
          claimedAt: null,
          emittedAt: expect.any(Date),
          tenant: 't',
          correlationId: 'c',
          key: 'k',
        },
      ]);
    });

    it('the newest event first', async () => {
      const [one, two] = [await emit(), await emit()];
      const { items } = await app.deliveries.list();
      expect(items.map(({ eventId }) => eventId)).toEqual([two, two, one, one]);
    });

    it('page by page, each once, while others come and go', async () => {
      const all: string[] = [];
      for (let number = 0; number < 7; number += 1) all.unshift(await emit());
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await app.deliveries.list({
          receiver: 'ship',
          event: 'order.paid',
          from: new Date(0),
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...page.items.map(({ eventId }) => eventId));
        await emit();
        await app.rows('delete from jobs_delivery where event_id = $1', [all[0]]);
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual(all);
    });

    const states: readonly [Delivery['state'], () => Promise<string>][] = [
      ['waiting', async () => idOf(await emit())],
      ['delayed', async () => idOf(await emit({ delay: '1h' }))],
      ['retrying', async () => failed(await emit())],
      ['running', async () => claimed(await emit())],
    ];
    it.each(states)('by their state, such as %s', async (state, make) => {
      const wanted = await make();
      for (const [other, makeOther] of states) if (other !== state) await makeOther();
      const found = await Promise.all([
        app.deliveries.list({ state, receiver: 'ship' }),
        allOf((page) => app.deliveries.list({ state, ...page })),
      ]);
      expect([ids(found[0].items), ids(found[1]).filter((id) => id === wanted)]).toEqual([[wanted], [wanted]]);
    });

    it('of a receiver, first those that are ready in the order in which they run, then those that are put off', async () => {
      const later = await emit({ delay: '2h' });
      const last = await emit();
      const urgent = await emit({ priority: 0 });
      const soon = await emit({ delay: '1h' });
      const items = await allOf((page) => app.deliveries.list({ receiver: 'ship', limit: 1, ...page }));
      expect(items.map(({ eventId }) => eventId)).toEqual([urgent, last, soon, later]);
    });

    it.each<[string, object, object]>([
      ['the name of the event', { event: 'order.paid' }, {}],
      ['several names', { event: ['order.paid', 'order.lost'] }, {}],
      ['the tenant', { tenant: 't' }, { tenant: 't' }],
      ['the correlation id', { correlationId: 'c' }, { correlationId: 'c' }],
    ])('by %s', async (_, filter, options) => {
      const wanted = await emit(options);
      await app.events.emit(new OrderSent());
      const items = await allOf((page) => app.deliveries.list({ ...filter, ...page }));
      expect([items.map(({ eventId }) => eventId), await app.deliveries.count(filter)]).toEqual([
        [wanted, wanted],
        { count: 2, capped: false },
      ]);
    });

    it('by a former name of their receiver', async () => {
      const id = await emit();
      await app.rows(`update jobs_receiver set former_names = '{posted}' where name = 'ship'`);
      const { items } = await app.deliveries.list({ receiver: 'posted' });
      await app.rows(`update jobs_receiver set former_names = '{}' where name = 'ship'`);
      expect(items.map(({ eventId }) => eventId)).toEqual([id]);
    });

    it('by the last error and its group', async () => {
      const one = await failed(await emit(), 'one', '1'.repeat(16));
      const two = await failed(await emit(), 'two', '2'.repeat(16));
      const found = await Promise.all([
        app.deliveries.list({ error: 'TypeError' }),
        app.deliveries.list({ errorGroup: '2'.repeat(16) }),
        app.deliveries.list({ errorGroup: '2'.repeat(16), receiver: 'ship' }),
        app.deliveries.list({ error: 'RangeError' }),
      ]);
      expect(found.map(({ items }) => ids(items))).toEqual([[one, two], [two], [two], []]);
    });

    it('by the time of their events, the first moment included and the last not', async () => {
      const moments = [1, 2, 3].map((hour) => new Date(Date.UTC(2030, 0, 1, hour)));
      for (const moment of moments) {
        const id = await emit();
        await app.rows('update jobs_event set created_at = $2 where id = $1', [id, moment.toISOString()]);
      }
      const items = await allOf((page) =>
        app.deliveries.list({ receiver: 'ship', from: moments[1]!, to: moments[2]!, ...page }),
      );
      expect(items.map(({ emittedAt }) => emittedAt)).toEqual([moments[1]]);
    });

    it('by no more than a page may read, which is then short and says where to go on', async () => {
      await app.rows(
        `with e as (insert into jobs_event (name, payload, receivers, retain_until, tenant)
           select 'order.paid', '{}', '{1}', now() + interval '1 d', case when i = 1 then 'rare' end from generate_series(1, 25000) i returning id)
         insert into jobs_delivery (event_id, receiver) select id, 1 from e`,
      );
      const first = await app.deliveries.list({ tenant: 'rare' });
      const second = await app.deliveries.list({ tenant: 'rare', after: first.next! });
      expect([first.items.length, first.next === null, second.items.length, second.next]).toEqual([0, false, 1, null]);
    });
  });

  describe('are grouped by their errors', () => {
    it('as they failed, with the first and the last time', async () => {
      const times = ['2030-01-01T00:00:00.000Z', '2030-01-02T00:00:00.000Z'];
      for (const [index, at] of times.entries()) {
        const eventId = await emit();
        await failed(eventId, `order ${index} is "lost"`);
        await app.rows(
          `update jobs_delivery set failures = jsonb_set(failures, '{0,at}', to_jsonb($2::text)) where event_id = $1 and failures is not null`,
          [eventId, at],
        );
      }
      expect(await app.deliveries.errors({ receiver: 'ship' })).toEqual({
        items: [
          {
            receiver: 'ship',
            errorGroup: 'a'.repeat(16),
            error: 'TypeError',
            message: 'order # is …',
            count: 2,
            capped: false,
            firstSeen: new Date(times[0]!),
            lastSeen: new Date(times[1]!),
          },
        ],
        next: null,
      });
    });

    it('page by page', async () => {
      for (const group of ['1', '2', '3']) await failed(await emit(), 'lost', group.repeat(16));
      const groups = await allOf((page) => app.deliveries.errors({ limit: 1, ...page }));
      expect(groups.map(({ errorGroup }) => errorGroup[0])).toEqual(['1', '2', '3']);
    });
  });

  it('are counted up to ten thousand', async () => {
    await app.rows(`insert into jobs_delivery (event_id, receiver) select i, 1 from generate_series(1, 10001) i`);
    expect(await app.deliveries.count()).toEqual({ count: 10_000, capped: true });
  });

  it('are shown with their event, every failure and who has them', async () => {
    await app.rows(
      `insert into jobs_worker (id, boot, mode, host, pid) values (7, gen_random_uuid(), 'lock', 'here', 4711) on conflict do nothing`,
    );
    const id = await emit({ headers: { a: '1' }, tags: ['x'] });
    await failed(id);
    await claimed(id);
    expect(await app.deliveries.find(await idOf(id))).toMatchObject({
      state: 'running',
      failures: [failure(1, 'order 17 is lost')],
      worker: { id: 7, host: 'here', pid: 4711 },
      recordedEvent: {
        id,
        name: 'order.paid',
        payload: { number: 1 },
        headers: { a: '1' },
        tags: ['x'],
        receivers: 2,
        retainUntil: expect.any(Date),
      },
    });
  });

  it.each(['1.1', '17', 'x', '', '1.1.1', "1' or true", '99999999999999999999.1'])(
    'are not found under %j',
    async (id) => {
      expect(await app.deliveries.find(id)).toBeNull();
    },
  );

  describe('are refused', () => {
    const refusals: readonly [string, () => Promise<unknown>, abstract new (...args: never[]) => Error, string][] = [
      [
        'an option that is not known',
        () => app.deliveries.list({ recever: 'x' } as object),
        UnknownOptionError,
        'recever',
      ],
      [
        'a state that there is not',
        () => app.deliveries.list({ state: 'dead' } as object),
        InvalidOptionError,
        'state',
      ],
      [
        'a receiver that is not registered',
        () => app.deliveries.list({ receiver: 'nobody' }),
        ReceiverNotFoundError,
        'nobody',
      ],
      ['a text with NUL', () => app.deliveries.list({ receiver: 'a\0' }), PayloadError, 'receiver'],
      [
        'a span that ends before it begins',
        () => app.deliveries.list({ from: new Date(2), to: new Date(1) }),
        InvalidOptionError,
        'to',
      ],
      ['a time that is none', () => app.deliveries.count({ from: new Date(NaN) }), InvalidOptionError, 'from'],
      ['a page that is too large', () => app.deliveries.list({ limit: 1001 }), InvalidOptionError, 'limit'],
      ['a cursor that is none', () => app.deliveries.list({ after: 'x' }), InvalidOptionError, 'after'],
      ['a group that is none', () => app.deliveries.list({ errorGroup: 'x' }), InvalidOptionError, 'errorGroup'],
      ['an action of nobody', () => app.deliveries.retry('1.1', {} as never), InvalidOptionError, 'actor'],
      [
        'an action of somebody without a name',
        () => app.deliveries.retry('1.1', { actor: ' ' }),
        InvalidOptionError,
        'actor',
      ],
      [
        'a discard without a reason',
        () => app.deliveries.discard('1.1', { actor: 'me' } as never),
        InvalidOptionError,
        'reason',
      ],
      [
        'a time without a date',
        () => app.deliveries.reschedule('1.1', '2030' as never, { actor: 'me' }),
        InvalidOptionError,
        'at',
      ],
      ['an id that is a number', () => app.deliveries.retry(1 as never, { actor: 'me' }), InvalidOptionError, 'id'],
    ];
    it.each(refusals)('for %s', async (_, call, kind, field) => {
      const error = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect([error instanceof kind, String(error)]).toEqual([true, expect.stringContaining(field)]);
    });

    it('for the cursor of a list with another filter', async () => {
      await emit();
      const { next } = await app.deliveries.list({ limit: 1 });
      await expect(app.deliveries.list({ tenant: 't', after: next! })).rejects.toThrow('after');
    });
  });

  describe('are acted upon:', () => {
    const state = async (id: string): Promise<string | undefined> => (await app.deliveries.find(id))?.state;
    const entries = async (): Promise<object[]> =>
      (await app.audit.list()).items.map(({ id: _id, at: _at, ...entry }) => entry);

    it('a delayed one is made ready', async () => {
      const id = await idOf(await emit({ delay: '1h' }));
      const changes = await app.deliveries.retry(id, { actor: 'me' });
      expect([changes, await state(id)]).toEqual([{ changed: [id], unchanged: [], busy: [], missing: [] }, 'waiting']);
    });

    it('one that failed is made ready, and its failures stay counted', async () => {
      const id = await failed(await emit());
      await app.deliveries.retry(id, { actor: 'me' });
      expect(await app.deliveries.find(id)).toMatchObject({ state: 'retrying', dueAt: null, attempts: 1 });
    });

    it('one that is ready stays so, at its place, which is not even locked', async () => {
      const id = await idOf(await emit());
      const before = await app.rows('select *, xmax::text from jobs_delivery order by receiver');
      const changes = await app.deliveries.retry(id, { actor: 'me' });
      expect([
        changes.unchanged,
        await app.rows('select *, xmax::text from jobs_delivery order by receiver'),
        await entries(),
      ]).toEqual([[id], before, []]);
    });

    it('one is put off until a time', async () => {
      const id = await idOf(await emit());
      const at = new Date(Date.UTC(2040, 0, 1));
      await app.deliveries.reschedule(id, at, { actor: 'me' });
      expect(await app.deliveries.find(id)).toMatchObject({ state: 'delayed', dueAt: at });
    });

    it('one that is put off until a time that is past is due now, and not before', async () => {
      const id = await idOf(await emit());
      await app.deliveries.reschedule(id, new Date(0), { actor: 'me' });
      const [row] = await app.rows<{ now: boolean }>(
        `select due_at between now() - interval '1 minute' and now() as now from jobs_delivery where due_at is not null`,
      );
      expect(row).toEqual({ now: true });
    });

    it('one is discarded, with the reason and what is known of it', async () => {
      const eventId = await emit();
      const id = await failed(eventId);
      await app.deliveries.discard(id, { actor: 'me', reason: 'sent by hand' });
      const { items } = await app.deadLetters.list({ kind: 'discarded' });
      expect([await state(id), items, await app.log.status(eventId)]).toMatchObject([
        undefined,
        [{ deliveryId: id, kind: 'discarded', reason: 'sent by hand', attempts: 1, error: 'TypeError' }],
        {
          receivers: expect.arrayContaining([
            expect.objectContaining({ receiver: 'ship', state: 'discarded', reason: 'sent by hand' }),
          ]),
        },
      ]);
    });

    it('a running one is left alone by all of them', async () => {
      const id = await claimed(await emit());
      const before = await app.rows('select * from jobs_delivery order by receiver');
      const changes = [
        await app.deliveries.retry(id, { actor: 'me' }),
        await app.deliveries.reschedule(id, new Date(), { actor: 'me' }),
        await app.deliveries.discard(id, { actor: 'me', reason: 'no' }),
      ];
      expect([
        changes.map(({ busy }) => busy),
        await app.rows('select * from jobs_delivery order by receiver'),
        await entries(),
      ]).toEqual([[[id], [id], [id]], before, []]);
    });

    it('one that somebody changes at this moment is not waited for', async () => {
      const id = await idOf(await emit({ delay: '1h' }));
      const busy = await app.application.dataSource.transaction(async (manager) => {
        await manager.query('select from jobs_delivery for update');
        return (await app.deliveries.retry(id, { actor: 'me' })).busy;
      });
      expect(busy).toEqual([id]);
    });

    it('those that are not open are answered as missing, whatever they are', async () => {
      const changes = await app.deliveries.retry(['1.1', 'x', '1.1'], { actor: 'me' });
      expect(changes).toEqual({ changed: [], unchanged: [], busy: [], missing: ['1.1', 'x'] });
    });

    it('several at once, each once', async () => {
      const [one, two] = [await idOf(await emit({ delay: '1h' })), await idOf(await emit({ delay: '1h' }))];
      const { changed } = await app.deliveries.retry([two, one, two], { actor: 'me' });
      expect(changed).toEqual([one, two]);
    });

    it('with an entry in the audit for each', async () => {
      const eventId = await emit({ delay: '1h' });
      const [ship, count] = [await idOf(eventId), await idOf(eventId, 'count')];
      const at = new Date(Date.UTC(2040, 0, 1));
      await app.deliveries.retry(ship, { actor: 'user:1' });
      await app.deliveries.reschedule(ship, at, { actor: 'user:2' });
      await app.deliveries.discard(count, { actor: 'user:3', reason: 'why not' });
      expect(await entries()).toEqual([
        { actor: 'user:3', action: 'delivery.discarded', subject: `delivery:${count}`, reason: 'why not', details: {} },
        {
          actor: 'user:2',
          action: 'delivery.rescheduled',
          subject: `delivery:${ship}`,
          reason: null,
          details: { at: at.toISOString() },
        },
        { actor: 'user:1', action: 'delivery.retried', subject: `delivery:${ship}`, reason: null, details: {} },
      ]);
    });

    it('and not at all when the audit cannot be written', async () => {
      const id = await idOf(await emit({ delay: '1h' }));
      await app.rows('alter table jobs_audit add constraint closed check (false) not valid');
      const refused = await app.deliveries.retry(id, { actor: 'me' }).catch(() => 'refused');
      await app.rows('alter table jobs_audit drop constraint closed');
      expect([refused, await state(id)]).toEqual(['refused', 'delayed']);
    });
  });
});
