import { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome, RunFailure } from '../../../lib/engine/deliveries/outcome.js';
import { CountingClient } from '../../support/counting-client.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const HOUR = 3_600_000;

const failure = (attempt: number, kind: RunFailure['kind'] = 'failed'): RunFailure => ({
  kind,
  at: `2030-01-01T00:00:0${attempt}.000Z`,
  attempt,
  name: 'TypeError',
  message: `attempt ${attempt} failed`,
  stack: `TypeError: attempt ${attempt} failed\n    at there`,
});

const postponed: Outcome = { kind: 'postponed', delay: 60_000, failure: failure(1) };
const handedBack: Outcome = { kind: 'interrupted', failure: failure(1, 'interrupted') };
const dead: Outcome = { kind: 'dead', reason: 'no more attempts', failure: failure(1) };
const discarded: Outcome = { kind: 'discarded', reason: 'not wanted any more' };

describe('DeliveryStore', () => {
  let fixture: EngineFixture;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.reset());

  async function claimed(count = 1): Promise<readonly ClaimedDelivery[]> {
    await fixture.emit(...Array.from({ length: count }, () => fixture.input()));
    return fixture.claim();
  }

  async function claimOne(): Promise<ClaimedDelivery> {
    const [delivery] = await fixture.claim();
    if (delivery === undefined) throw new Error('Nothing to claim.');
    return delivery;
  }

  async function claimedOne(): Promise<ClaimedDelivery> {
    const [delivery] = await claimed();
    return delivery!;
  }

  const acknowledge = (...deliveries: readonly ClaimedDelivery[]): Promise<Set<ClaimedDelivery>> =>
    fixture.deliveries.acknowledge(fixture.database.connection, deliveries);

  const settle = (delivery: ClaimedDelivery, outcome: Outcome): Promise<Set<ClaimedDelivery>> =>
    fixture.deliveries.settle(fixture.database.connection, [{ delivery, outcome }]);

  /** Everything of the only delivery, as text to be compared. */
  async function snapshot(): Promise<string> {
    const { delivery, deadLetter } = fixture.names;
    const rows = await fixture.rows(
      `select (select jsonb_agg(d) from ${delivery} d) as open, (select jsonb_agg(l) from ${deadLetter} l) as dead`,
    );
    return JSON.stringify(rows);
  }

  async function row<Row>(columns: string): Promise<Row | undefined> {
    return (await fixture.rows<Row>(`select ${columns} from ${fixture.names.delivery}`))[0];
  }

  const makeDue = (): Promise<unknown> =>
    fixture.rows(
      `update ${fixture.names.delivery} set due_at = null, ready_xid = txid_current() where ready_xid is null`,
    );

  describe('reads', () => {
    it('the events of claims as they were emitted', async () => {
      await fixture.emit({
        ...fixture.input({ headers: { a: '1' }, correlationId: 'c', tenant: 't', key: 'k', keyLane: 0 }),
        version: 3,
      });
      const { eventId } = await claimOne();
      const [event] = await fixture.deliveries.readEvents(fixture.database.connection, [eventId]);
      expect(event).toEqual({
        id: eventId,
        name: 'order.paid',
        version: 3,
        payload: '{"orderId": 7}',
        headers: { a: '1' },
        correlationId: 'c',
        tenant: 't',
        key: 'k',
        createdAt: expect.any(Date),
        deliveries: 1,
      });
    });

    it('the time of an event to the millisecond, whatever the time zone of the connection', async () => {
      const [event] = await fixture.emit(fixture.input());
      await fixture.rows(`update ${fixture.names.event} set created_at = '2030-06-01T12:34:56.789Z'`);
      const client = await fixture.client();
      await client.query({ text: "set time zone 'Asia/Kolkata'" });
      const [read] = await fixture.deliveries.readEvents(fixture.connection(client), [event!.id]);
      await client.query({ text: 'reset time zone' });
      expect(read?.createdAt.toISOString()).toBe('2030-06-01T12:34:56.789Z');
    });

    it('no headers as none', async () => {
      const [event] = await fixture.emit(fixture.input());
      const [read] = await fixture.deliveries.readEvents(fixture.database.connection, [event!.id]);
      expect(read?.headers).toEqual({});
    });

    it('nothing for an event that is gone', async () => {
      expect(await fixture.deliveries.readEvents(fixture.database.connection, ['4711'])).toEqual([]);
    });
  });

  describe('the fence', () => {
    const outcomes: readonly [string, (delivery: ClaimedDelivery) => Promise<Set<ClaimedDelivery>>][] = [
      ['acknowledge', (delivery) => acknowledge(delivery)],
      ['postpone', (delivery) => settle(delivery, postponed)],
      ['hand back', (delivery) => settle(delivery, handedBack)],
      ['bury', (delivery) => settle(delivery, dead)],
      ['discard', (delivery) => settle(delivery, discarded)],
    ];

    it.each(outcomes)('lets the holder of the claim %s', async (_, attempt) => {
      const delivery = await claimedOne();
      expect(await attempt(delivery)).toEqual(new Set([delivery]));
    });

    it.each(outcomes)('lets a loser %s nothing, and the row stays as it is', async (_, attempt) => {
      const lost = await claimedOne();
      await settle(lost, handedBack);
      await claimOne();
      const before = await snapshot();
      const ids = await attempt(lost);
      expect([ids.size, await snapshot()]).toEqual([0, before]);
    });

    // A batch is written again when its answer was lost.
    it.each(outcomes)('lets nobody %s twice', async (_, attempt) => {
      const delivery = await claimedOne();
      await attempt(delivery);
      const before = await snapshot();
      const ids = await attempt(delivery);
      expect([ids.size, await snapshot()]).toEqual([0, before]);
    });

    it('lets the holder acknowledge what was handed back meanwhile and nobody claimed since', async () => {
      const delivery = await claimedOne();
      await settle(delivery, handedBack);
      expect(await acknowledge(delivery)).toEqual(new Set([delivery]));
    });

    it('settles those of a batch whose claims hold', async () => {
      const [first, second, third] = await claimed(3);
      await settle(second!, handedBack);
      await claimOne();
      expect(await acknowledge(first!, second!, third!)).toEqual(new Set([first, third]));
    });

    it('holds for another receiver of the same event', async () => {
      await fixture.reset({ 'order.paid': [1, 2] });
      await fixture.emit(fixture.input());
      const [one] = await fixture.claim(1, [1]);
      await fixture.claim(1, [2]);
      await acknowledge(one!);
      expect(await fixture.rows(`select receiver from ${fixture.names.delivery}`)).toEqual([{ receiver: 2 }]);
    });

    it('writes every kind of outcome of one batch', async () => {
      const [first, second, third, fourth] = await claimed(4);
      const settled = await fixture.deliveries.settle(fixture.database.connection, [
        { delivery: first!, outcome: postponed },
        { delivery: second!, outcome: handedBack },
        { delivery: third!, outcome: dead },
        { delivery: fourth!, outcome: discarded },
      ]);
      expect([
        settled.size,
        await fixture.count(fixture.names.delivery, 'ready_xid is null'),
        await fixture.count(fixture.names.delivery, 'ready_xid is not null'),
        await fixture.rows(`select kind from ${fixture.names.deadLetter} order by kind`),
      ]).toEqual([4, 1, 1, [{ kind: 'dead' }, { kind: 'discarded' }]]);
    });

    it.each(['acknowledged', 'committed', 'lost'] as const)('writes nothing for what is %s', async (kind) => {
      const delivery = await claimedOne();
      const before = await snapshot();
      await settle(delivery, { kind });
      expect(await snapshot()).toBe(before);
    });
  });

  describe('acknowledge', () => {
    it('removes the delivery and leaves the event', async () => {
      await acknowledge(await claimedOne());
      expect([await fixture.count(fixture.names.delivery), await fixture.count(fixture.names.event)]).toEqual([0, 1]);
    });

    it('keeps no plan for a single delivery, which may be one of a table that was small', async () => {
      const [one, ...others] = await claimed(3);
      const counting = new CountingClient(await fixture.client());
      const connection = new EngineConnection(counting, true);
      await fixture.deliveries.acknowledge(connection, [one!]);
      await fixture.deliveries.acknowledge(connection, others);
      expect(counting.sent.map(({ name }) => name)).toEqual([undefined, expect.any(String)]);
    });
  });

  describe('postpone', () => {
    it('counts an attempt for a failure, and none for a delivery that asked for it', async () => {
      const [failed, asked] = await claimed(2);
      await settle(failed!, postponed);
      await settle(asked!, { kind: 'postponed', delay: 5, failure: null });
      expect(
        await fixture.rows(
          `select attempts, failures is null as untold from ${fixture.names.delivery} order by event_id`,
        ),
      ).toEqual([
        { attempts: 1, untold: false },
        { attempts: 0, untold: true },
      ]);
    });

    it('puts the delivery off by the delay, with nobody holding it', async () => {
      await settle(await claimedOne(), postponed);
      expect(
        await row(
          `due_at between now() + interval '59 seconds' and now() + interval '60 seconds' as put_off,
           worker, claimed_at, ready_xid, claims, interruptions`,
        ),
      ).toEqual({ put_off: true, worker: null, claimed_at: null, ready_xid: null, claims: 1, interruptions: 0 });
    });

    it('moves with the clock port', async () => {
      const delivery = await claimedOne();
      fixture.clock.offset = HOUR;
      await settle(delivery, postponed);
      expect(
        await row(`due_at between now() + interval '60 minutes' and now() + interval '61 minutes' as moved`),
      ).toEqual({
        moved: true,
      });
    });

    it('keeps counting where the counter cannot', async () => {
      const delivery = await claimedOne();
      await fixture.rows(`update ${fixture.names.delivery} set attempts = 32767`);
      await settle(delivery, postponed);
      expect(await row('attempts')).toEqual({ attempts: 32_767 });
    });
  });

  describe('hand back', () => {
    it('counts an interruption for a run that had begun, and no attempt', async () => {
      await settle(await claimedOne(), handedBack);
      expect(await row('attempts, interruptions')).toEqual({ attempts: 0, interruptions: 1 });
    });

    it('counts nothing for a run that had not begun', async () => {
      await settle(await claimedOne(), { kind: 'interrupted', failure: null });
      expect(await row('attempts, interruptions, failures')).toEqual({ attempts: 0, interruptions: 0, failures: null });
    });

    it('keeps the place in the ready order, and the number of claims', async () => {
      const delivery = await claimedOne();
      await settle(delivery, handedBack);
      expect(await row('ready_xid::text, claims, worker, claimed_at')).toEqual({
        ready_xid: delivery.readyXid,
        claims: delivery.claims,
        worker: null,
        claimed_at: null,
      });
    });
  });

  describe('failures', () => {
    async function failTimes(times: number): Promise<void> {
      await fixture.emit(fixture.input());
      for (let attempt = 1; attempt <= times; attempt++) {
        const delivery = await claimOne();
        await settle(delivery, { kind: 'postponed', delay: 0, failure: failure(attempt) });
        await makeDue();
      }
    }

    async function failures(): Promise<readonly Partial<RunFailure>[]> {
      const read = await row<{ failures: readonly Partial<RunFailure>[] }>('failures');
      return read?.failures ?? [];
    }

    it('keep everything of one', async () => {
      await failTimes(1);
      expect(await failures()).toEqual([failure(1)]);
    });

    it('keep message and stack of the first and of the last', async () => {
      await failTimes(5);
      const kept = await failures();
      expect([kept[0], kept.at(-1)]).toEqual([failure(1), failure(5)]);
    });

    it('keep neither message nor stack of those in between', async () => {
      await failTimes(5);
      const between = (await failures()).slice(1, -1);
      expect(between.map((one) => 'message' in one || 'stack' in one)).toEqual([false, false, false]);
    });

    it('keep the time, kind and attempt of each', async () => {
      await failTimes(5);
      expect((await failures()).map(({ at, kind, attempt, name }) => ({ at, kind, attempt, name }))).toEqual(
        [1, 2, 3, 4, 5].map((attempt) => {
          const { at, kind, name } = failure(attempt);
          return { at, kind, attempt, name };
        }),
      );
    });

    it('keep interruptions in the same list', async () => {
      await settle(await claimedOne(), handedBack);
      await settle(await claimOne(), postponed);
      expect((await failures()).map(({ kind }) => kind)).toEqual(['interrupted', 'failed']);
    });

    it('stay as they are when a run was cut short before it began', async () => {
      await failTimes(1);
      await settle(await claimOne(), { kind: 'interrupted', failure: null });
      expect(await failures()).toEqual([failure(1)]);
    });

    it('start anew where the column holds a JSON null', async () => {
      const delivery = await claimedOne();
      await fixture.rows(`update ${fixture.names.delivery} set failures = 'null'`);
      await settle(delivery, postponed);
      expect(await failures()).toEqual([failure(1)]);
    });

    it('keep texts with quotes, backslashes and line ends', async () => {
      const hostile = { ...failure(1), message: `'";\\ \n $1 \u2028 {}`, stack: null };
      await settle(await claimedOne(), { kind: 'postponed', delay: 0, failure: hostile });
      expect(await failures()).toEqual([hostile]);
    });
  });

  describe('dead letters', () => {
    it('carry everything of the delivery, the reason and the last failure', async () => {
      await fixture.emit({ ...fixture.input({ priority: 2, key: 'k', keyLane: 5 }), version: 3 });
      await settle(await claimOne(), handedBack);
      await settle(await claimOne(), { kind: 'postponed', delay: 0, failure: failure(1) });
      await makeDue();
      const delivery = await claimOne();
      await settle(delivery, { kind: 'dead', reason: 'it never works', failure: failure(2) });
      expect(
        await fixture.rows(
          `select event_id::text, receiver, version, priority, lane, claims, attempts, interruptions, kind, reason,
             jsonb_array_length(failures) as failures, failures -> -1 as last, died_at between now() - interval '1 minute' and now() as now
           from ${fixture.names.deadLetter}`,
        ),
      ).toEqual([
        {
          event_id: delivery.eventId,
          receiver: 1,
          version: 3,
          priority: 2,
          lane: 16 + 5,
          claims: 3,
          attempts: 2,
          interruptions: 1,
          kind: 'dead',
          reason: 'it never works',
          failures: 3,
          last: failure(2),
          now: true,
        },
      ]);
    });

    it('take the place of the delivery', async () => {
      await settle(await claimedOne(), dead);
      expect([await fixture.count(fixture.names.delivery), await fixture.count(fixture.names.deadLetter)]).toEqual([
        0, 1,
      ]);
    });

    it('count no attempt when nothing failed', async () => {
      await settle(await claimedOne(), { kind: 'dead', reason: 'interrupted too often', failure: null });
      expect(await fixture.rows(`select attempts, failures from ${fixture.names.deadLetter}`)).toEqual([
        { attempts: 0, failures: null },
      ]);
    });

    it('say that a delivery was discarded, and why', async () => {
      await settle(await claimedOne(), discarded);
      expect(await fixture.rows(`select kind, reason, attempts, failures from ${fixture.names.deadLetter}`)).toEqual([
        { kind: 'discarded', reason: 'not wanted any more', attempts: 0, failures: null },
      ]);
    });

    it('move with the clock port', async () => {
      const delivery = await claimedOne();
      fixture.clock.offset = HOUR;
      await settle(delivery, dead);
      expect(
        await fixture.count(
          fixture.names.deadLetter,
          `died_at between now() + interval '59 minutes' and now() + interval '1 hour'`,
        ),
      ).toBe(1);
    });

    it('are undone with the transaction that buried', async () => {
      const delivery = await claimedOne();
      const client = await fixture.client();
      await client.query({ text: 'begin' });
      await fixture.deliveries.settle(fixture.connection(client), [{ delivery, outcome: dead }]);
      await client.query({ text: 'rollback' });
      expect([await fixture.count(fixture.names.delivery), await fixture.count(fixture.names.deadLetter)]).toEqual([
        1, 0,
      ]);
    });
  });
});
