import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import { Maintenance } from '../../../lib/engine/maintenance/maintenance.js';
import { PostgresMaintenanceStore } from '../../../lib/engine/maintenance/postgres-maintenance-store.js';
import { PURGE_BATCH } from '../../../lib/engine/maintenance/purge.statements.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const dead: Outcome = { kind: 'dead', reason: 'no more attempts', failure: null };
const discarded: Outcome = { kind: 'discarded', reason: 'not wanted any more' };

describe('Maintenance', () => {
  let fixture: EngineFixture;
  let maintenance: Maintenance;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
    maintenance = new Maintenance(new PostgresMaintenanceStore(fixture.database, fixture.names, fixture.clock));
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.reset());

  const eventsLeft = (): Promise<number> => fixture.count(fixture.names.event);

  async function settleAll(outcome: Outcome): Promise<void> {
    const deliveries = await fixture.claim();
    const { connection } = fixture.database;
    if (outcome.kind === 'acknowledged') await fixture.deliveries.acknowledge(connection, deliveries);
    else
      await fixture.deliveries.settle(
        connection,
        deliveries.map((delivery: ClaimedDelivery) => ({ delivery, outcome })),
      );
  }

  describe('purge', () => {
    it('removes an event whose deliveries are done and whose retention is over, and says so', async () => {
      await fixture.emit(fixture.input({ retain: MINUTE }));
      await settleAll({ kind: 'acknowledged' });
      fixture.clock.offset = MINUTE;
      expect([await maintenance.purge(), await eventsLeft()]).toEqual([1, 0]);
    });

    it('keeps an event until its retention is over', async () => {
      await fixture.emit(fixture.input({ retain: HOUR }));
      await settleAll({ kind: 'acknowledged' });
      fixture.clock.offset = HOUR - MINUTE;
      expect([await maintenance.purge(), await eventsLeft()]).toEqual([0, 1]);
    });

    it('removes an event of retention 0 as soon as it is done', async () => {
      await fixture.emit(fixture.input({ retain: 0 }));
      await settleAll({ kind: 'acknowledged' });
      await maintenance.purge();
      expect(await eventsLeft()).toBe(0);
    });

    it('keeps an event to which an open delivery refers', async () => {
      await fixture.emit(fixture.input({ retain: 0 }));
      await maintenance.purge();
      expect([await eventsLeft(), await fixture.count(fixture.names.delivery)]).toEqual([1, 1]);
    });

    it('keeps an event to which one of several deliveries refers', async () => {
      await fixture.reset({ 'order.paid': [1, 2] });
      await fixture.emit(fixture.input({ retain: 0 }));
      await settleAll({ kind: 'acknowledged' });
      await maintenance.purge();
      expect(await eventsLeft()).toBe(1);
    });

    it('keeps an event to which a dead letter refers', async () => {
      await fixture.emit(fixture.input({ retain: 0 }));
      await settleAll(dead);
      await maintenance.purge();
      expect([await eventsLeft(), await fixture.count(fixture.names.deadLetter)]).toEqual([1, 1]);
    });

    it('removes a discarded delivery together with its event', async () => {
      await fixture.emit(fixture.input({ retain: 0 }));
      await settleAll(discarded);
      await maintenance.purge();
      expect([await eventsLeft(), await fixture.count(fixture.names.deadLetter)]).toEqual([0, 0]);
    });

    it('keeps a discarded delivery as long as its event', async () => {
      await fixture.emit(fixture.input({ retain: HOUR }));
      await settleAll(discarded);
      await maintenance.purge();
      expect(await fixture.count(fixture.names.deadLetter)).toBe(1);
    });

    it.each([
      ['a minute for a young one', 0, MINUTE],
      ['its age for one of hours', 5 * HOUR, 5 * HOUR],
      ['a day for an old one', 30 * DAY, DAY],
    ])('looks at an event that is referred to again later: %s', async (_, age, later) => {
      await fixture.emit(fixture.input({ retain: 0 }));
      fixture.clock.offset = age;
      await maintenance.purge();
      const [row] = await fixture.rows<{ later: boolean }>(
        `select retain_until - now() - $1 * interval '1 millisecond' between
           $2 * interval '1 millisecond' - interval '10 seconds' and $2 * interval '1 millisecond' + interval '10 seconds' as later
         from ${fixture.names.event}`,
        [age, later],
      );
      expect(row).toEqual({ later: true });
    });

    it('removes an event that was referred to once nothing does any more', async () => {
      await fixture.emit(fixture.input({ retain: 0 }));
      await maintenance.purge();
      await settleAll({ kind: 'acknowledged' });
      fixture.clock.offset = HOUR;
      await maintenance.purge();
      expect(await eventsLeft()).toBe(0);
    });

    it('removes more than a batch in one pass', async () => {
      await fixture.reset({});
      await fixture.emit(...Array.from({ length: PURGE_BATCH * 2 + 1 }, () => fixture.input({ retain: 0 })));
      expect([await maintenance.purge(), await eventsLeft()]).toEqual([PURGE_BATCH * 2 + 1, 0]);
    });

    it('gets past a batch of events that are referred to', async () => {
      await fixture.emit(...Array.from({ length: PURGE_BATCH + 1 }, () => fixture.input({ retain: 0 })));
      await fixture.emit(fixture.input({ retain: 1 }, 'invoice.sent'));
      fixture.clock.offset = 10;
      expect([await maintenance.purge(), await eventsLeft()]).toEqual([1, PURGE_BATCH + 1]);
    });

    it('leaves an event that somebody has locked, instead of waiting', async () => {
      await fixture.reset({});
      const [locked] = await fixture.emit(fixture.input({ retain: 0 }), fixture.input({ retain: 0 }));
      const client = await fixture.client();
      await client.query({ text: 'begin' });
      await client.query({ text: `select from ${fixture.names.event} where id = $1 for update`, values: [locked?.id] });
      const purged = await maintenance.purge();
      await client.query({ text: 'rollback' });
      expect(purged).toBe(1);
    });

    it('shares the work between two that purge at once', async () => {
      await fixture.reset({});
      await fixture.emit(...Array.from({ length: PURGE_BATCH * 2 }, () => fixture.input({ retain: 0 })));
      const other = new Maintenance(new PostgresMaintenanceStore(fixture.database, fixture.names, fixture.clock));
      const [one, two] = await Promise.all([maintenance.purge(), other.purge()]);
      // What one had locked at the other's last look is for the next pass.
      const rest = await maintenance.purge();
      expect([one + two + rest, await eventsLeft()]).toEqual([PURGE_BATCH * 2, 0]);
    });
  });

  describe('deduplication keys', () => {
    const key = (index: number): string => index.toString(16).padStart(64, '0');
    const emitWithKey = (index: number): Promise<unknown> =>
      fixture.emit(fixture.input({ deduplication: key(index), deduplicationWindow: HOUR, retain: DAY }));

    it('are freed when their window is over', async () => {
      await emitWithKey(1);
      fixture.clock.offset = HOUR;
      await emitWithKey(2);
      await maintenance.purge();
      expect(await fixture.rows(`select encode(hash, 'hex') as hash from ${fixture.names.deduplication}`)).toEqual([
        { hash: key(2) },
      ]);
    });

    it('are freed in batches, all of them', async () => {
      await fixture.reset({});
      await fixture.emit(
        ...Array.from({ length: PURGE_BATCH + 1 }, (_, index) =>
          fixture.input({ deduplication: key(index), deduplicationWindow: HOUR, retain: DAY }),
        ),
      );
      fixture.clock.offset = HOUR;
      await maintenance.purge();
      expect(await fixture.count(fixture.names.deduplication)).toBe(0);
    });

    it('outlive their event when their window is the longer one', async () => {
      await fixture.reset({});
      const [event] = await fixture.emit(
        fixture.input({ deduplication: key(3), deduplicationWindow: HOUR, retain: 0 }),
      );
      await maintenance.purge();
      const [again] = await fixture.emit(fixture.input({ deduplication: key(3), deduplicationWindow: HOUR }));
      expect([await eventsLeft(), again]).toMatchObject([0, { id: event?.id, created: false }]);
    });
  });

  describe('orphans', () => {
    const receiver = (id: number, name: string): Promise<unknown> =>
      fixture.rows(`insert into ${fixture.names.receiver} (id, name) values ($1, $2)`, [id, name]);
    const worker = (state: string, receivers: readonly number[]): Promise<unknown> =>
      fixture.rows(
        `insert into ${fixture.names.worker} (boot, state, mode, host, pid, receivers)
         values (gen_random_uuid(), $1, 'lock', 'here', 1, $2)`,
        [state, receivers],
      );

    it('are receivers with ready deliveries and no living worker', async () => {
      await fixture.reset({ 'order.paid': [1, 2, 3] });
      await Promise.all([receiver(1, 'lived'), receiver(2, 'lost'), receiver(3, 'left')]);
      await Promise.all([worker('live', [1]), worker('dead', [2]), worker('left', [3])]);
      await fixture.emit(fixture.input(), fixture.input());
      expect(await maintenance.orphans()).toEqual([
        { name: 'left', waiting: 2 },
        { name: 'lost', waiting: 2 },
      ]);
    });

    it('are none when nothing waits', async () => {
      await receiver(1, 'lost');
      expect(await maintenance.orphans()).toEqual([]);
    });

    it('are none for deliveries that are not due yet', async () => {
      await receiver(1, 'lost');
      await fixture.emit(fixture.input({ delay: HOUR }));
      expect(await maintenance.orphans()).toEqual([]);
    });

    it('are counted up to a thousand', async () => {
      await receiver(1, 'lost');
      await fixture.emit(...Array.from({ length: 1001 }, () => fixture.input()));
      expect(await maintenance.orphans()).toEqual([{ name: 'lost', waiting: 1000 }]);
    });
  });

  it('stops, also when it never began', async () => {
    const other = new Maintenance(new PostgresMaintenanceStore(fixture.database, fixture.names, fixture.clock));
    await expect(other.stop()).resolves.toBeUndefined();
  });
});
