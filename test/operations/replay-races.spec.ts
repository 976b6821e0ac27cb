import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import type { ClaimedDelivery } from '../../lib/engine/deliveries/claimed-delivery.js';
import { PostgresDeliveryStore } from '../../lib/engine/deliveries/postgres-delivery-store.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import { until } from '../support/until.js';
import { OperatedApplication } from './support/operated-application.js';
import { OrderPaid, ShipReceiver } from './support/ship.receiver.js';

const ME = { actor: 'me' } as const;
const FAILURE = { kind: 'failed', at: '2026-01-01T00:00:00.000Z', attempt: 1, name: 'Error', stack: null } as const;

describe('A replay beside a worker', () => {
  let app: OperatedApplication;
  let store: PostgresDeliveryStore;

  beforeAll(async () => {
    app = await OperatedApplication.start([ShipReceiver]);
    store = new PostgresDeliveryStore(tableNames(), app.clock);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  async function claimOf(eventId: string): Promise<ClaimedDelivery> {
    const [row] = await app.rows<{ receiver: number; claims: number }>(
      `with claimed as (
         update jobs_delivery set claims = claims + 1, worker = 1, claimed_at = now() where event_id = $1 returning receiver, claims)
       select * from claimed`,
      [eventId],
    );
    return claimed(eventId, row!);
  }

  const waitsForLock = (): Promise<void> =>
    until(async () => {
      const waiting = await app.rows(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });

  /** Buries a delivery in a transaction that stays open until a replay waits for it. */
  async function replayWhileItDies(eventId: string, delivery: ClaimedDelivery): Promise<number> {
    const outcome = { kind: 'dead', reason: 'failed', failure: { ...FAILURE, message: 'lost' } } as const;
    const database = new EngineDatabase(app.application.dataSource);
    const replayed = await database.transaction(async (connection) => {
      expect((await store.settle(connection, [{ delivery, outcome }])).size).toBe(1);
      const replay = app.log.replay(eventId, ME);
      await waitsForLock();
      return [replay];
    });
    return (await replayed[0]!).created.length;
  }

  it('that gives its delivery up leaves the delivery alone, with the failures it died of', async () => {
    const { id } = await app.events.emit(new OrderPaid());
    await app.rows('update jobs_delivery set priority = 2');
    const created = await replayWhileItDies(id, await claimOf(id));
    const letters = await app.rows('select 1 from jobs_dead_letter');
    const deliveries = await app.rows('select priority, failures, worker from jobs_delivery');
    expect([created, letters, deliveries]).toEqual([
      1,
      [],
      [{ priority: 2, failures: [{ ...FAILURE, message: 'lost' }], worker: null }],
    ]);
  });

  it('whose acknowledgement is written twice, since its answer got lost, is fenced off however soon it comes', async () => {
    const { id } = await app.events.emit(new OrderPaid());
    const connection = new EngineDatabase(app.application.dataSource).connection;
    const settled: number[] = [];
    const old: ClaimedDelivery[] = [];
    for (let round = 0; round < 3; round += 1) {
      old.push(await claimOf(id), await claimOf(id));
      settled.push((await store.acknowledge(connection, old.slice(-1))).size);
      await app.log.replay(id, ME);
      for (const lost of old) settled.push((await store.acknowledge(connection, [lost])).size);
      const present = await claimOf(id);
      for (const lost of old) settled.push((await store.acknowledge(connection, [lost])).size);
      old.push(present);
    }
    expect(settled.filter((count) => count > 0)).toHaveLength(3);
    expect(new Set(old.map(({ claims }) => claims)).size).toBe(old.length);
  });
});

function claimed(eventId: string, { receiver, claims }: { receiver: number; claims: number }): ClaimedDelivery {
  return { eventId, receiver, claims, version: 1, priority: 4, readyXid: '1', attempts: 0, interruptions: 0 };
}
