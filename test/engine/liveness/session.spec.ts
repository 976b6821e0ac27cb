import { Client } from 'pg';

import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { CHANNEL, claimed, demand, LivenessFixture } from './support/liveness-fixture.js';
import { RecordingListener } from './support/recording-listener.js';

describe('PostgresWorkerSession', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  /** Waits for beats that have nothing to tell but what operators decided, which each brings along. */
  async function beats(listener: RecordingListener): Promise<void> {
    for (const concurrency of [1, 2, 3]) {
      await fixture.engine.rows(
        `insert into ${fixture.names.receiver} (name, concurrency) values ('r', $1)
         on conflict (name) do update set concurrency = excluded.concurrency`,
        [concurrency],
      );
      await eventually('a beat', () => listener.controls[0]?.concurrency === concurrency);
    }
  }

  it('enrols under a fresh number, holds its lock and hears itself', async () => {
    const first = await fixture.started();
    const second = await fixture.started();

    expect(second.id).toBeGreaterThan(first.id);
    expect(first.listener.reports).toEqual(['proven']);
    expect(first.session.isProven()).toBe(true);
    expect(first.session.hearsNotifications).toBe(true);
    const row = await fixture.worker(first.id);
    expect(row).toMatchObject({ state: 'live', mode: 'lock', proof: 1 });
    const locks = await fixture.engine.rows(
      `select 1 from pg_locks where locktype = 'advisory' and granted and objid = $1::int4::oid and pid = $2`,
      [first.id, row.backend_pid],
    );
    expect(locks).toHaveLength(1);
  });

  it('claims on its own connection, with the clock as it is at that moment', async () => {
    const { session, id } = await fixture.started();
    await fixture.engine.emit(fixture.engine.input({ delay: 60_000 }));

    const early = await session.claim(demand(5));
    fixture.engine.clock.offset = 61_000;
    const late = await session.claim(demand(5));

    expect(early.deliveries).toEqual([]);
    expect(early.nextDueIn).toBeGreaterThan(50_000);
    expect(late.deliveries).toHaveLength(1);
    expect(await fixture.held(id)).toBe(1);
  });

  it('tells that events are written, though nobody was notified of them, and is silent while none are', async () => {
    const { listener } = await fixture.started();
    await eventually('the first beat', () => listener.stirred > 0);
    await beats(listener);
    expect(listener.stirred).toBe(1);

    await fixture.engine.emit(fixture.engine.input({}));

    await eventually('a beat after the emission', () => listener.stirred === 2);
    expect(listener.reports).not.toContain('wake');
  });

  it('tells that a worker has gone, which alone knew when something is due', async () => {
    const { listener } = await fixture.started();
    const other = await fixture.started();
    await beats(listener);
    const before = listener.stirred;

    await other.session.stop();

    await eventually('a beat without the other', () => listener.stirred > before);
  });

  it('rejects when the database cannot be reached at start, and says nothing of the password', async () => {
    const session = fixture.session({
      connection: { host: '127.0.0.1', port: 1, user: 'someone', password: 'a-secret', database: 'nowhere' },
    });
    const listener = new RecordingListener();

    const failure: unknown = await session.start(listener).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toContain('ECONNREFUSED');
    expect(`${String(failure)}${(failure as Error).stack}${listener.notices.join()}`).not.toContain('a-secret');
    expect(session.isProven()).toBe(false);
    await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
  });

  it('asks a password function at each connect', async () => {
    const url = new URL(fixture.url);
    const passwords: string[] = [];
    const { listener, id } = await fixture.started({
      connection: {
        host: url.hostname,
        port: Number(url.port),
        user: url.username,
        database: url.pathname.slice(1),
        password: async () => {
          passwords.push('asked');
          return decodeURIComponent(url.password);
        },
      },
    });
    await fixture.terminate(id);
    await listener.saw('proven', 2);

    expect(passwords).toHaveLength(2);
    expect(await fixture.worker(id)).toMatchObject({ state: 'live', mode: 'lock' });
  });

  it('wakes on a notification, and looks from the left end when others released in place', async () => {
    await fixture.emit(2);
    const { session, listener } = await fixture.started();
    const other = await fixture.started();
    await claimed(other.session, other.listener, 1);
    await claimed(session, listener, 1);
    // The bounds are past both now.
    expect((await session.claim(demand(1))).deliveries).toEqual([]);
    const wakes = listener.count('wake');

    await fixture.engine.rows('select pg_notify($1, $2)', [CHANNEL, '']);
    await listener.saw('wake', wakes + 1);
    await other.session.stop();
    await listener.saw('wake', wakes + 2);

    expect((await session.claim(demand(1))).deliveries).toHaveLength(1);
  });

  describe('stopping', () => {
    it('releases what is held in its place, without counting an interruption, and says that it left', async () => {
      await fixture.emit(3);
      const { session, listener, id } = await fixture.started();
      const deliveries = await claimed(session, listener, 3);

      await session.stop();

      expect(await fixture.worker(id)).toMatchObject({ state: 'left', ended: true });
      const rows = await fixture.engine.rows<{ event_id: string }>(
        `select event_id::text from ${fixture.names.delivery}
         where worker is null and claimed_at is null and interruptions = 0 and claims = 1 order by ready_xid, event_id`,
      );
      expect(rows.map((row) => row.event_id).sort()).toEqual(deliveries.map((delivery) => delivery.eventId).sort());
      const ready = await fixture.engine.rows<{ ready_xid: string }>(
        `select ready_xid::text from ${fixture.names.delivery}`,
      );
      expect(new Set(ready.map((row) => row.ready_xid))).toEqual(
        new Set(deliveries.map((delivery) => delivery.readyXid)),
      );
      expect(session.isProven()).toBe(false);
      await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
    });

    it('leaves to others what is locked at that moment, and only that', async () => {
      await fixture.emit(2);
      const { session, listener, id } = await fixture.started();
      await claimed(session, listener, 2);
      const settling = new Client(fixture.url);
      await settling.connect();
      await settling.query('begin');
      await settling.query(`select from ${fixture.names.delivery} order by event_id limit 1 for update`);

      await session.stop();
      expect(await fixture.worker(id)).toMatchObject({ state: 'left', ended: false });
      expect(await fixture.held(id)).toBe(1);
      const heir = await fixture.started();
      await settling.query('rollback');
      await settling.end();

      await claimed(heir.session, heir.listener, 2);
      await fixture.workerIs(id, 'swept', ({ ended }) => ended);
      expect(await fixture.engine.count(fixture.names.delivery, 'interruptions = 0')).toBe(2);
    });

    it('comes to an end when the database is gone', async () => {
      const proxy = await TcpProxy.start(fixture.url);
      const { session } = await fixture.started({
        connection: { connectionString: proxy.url },
        settings: { stopDeadline: 300 },
      });
      proxy.stall();

      await session.stop();

      expect(session.isProven()).toBe(false);
      await proxy.close();
    });

    it('may be done twice, and before the start', async () => {
      const { session } = await fixture.started();
      await Promise.all([session.stop(), session.stop()]);
      await fixture.session().stop();
    });
  });
});
