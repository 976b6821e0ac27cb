import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

const CLAIM = 'jobs_claim_';
const deadlines = { beatDeadline: 700, claimDeadline: 900, connectDeadline: 500 };

describe('a session whose connection is lost', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  it('is proven again under the same number, and others let it be', async () => {
    await fixture.emit(1);
    const { session, listener, id } = await fixture.started();
    const other = await fixture.started();
    await claimed(session, listener, 1);

    await fixture.terminate(id);
    await listener.saw('proven', 2);

    expect(listener.reports.filter((report) => report !== 'wake')).toEqual(['proven', 'unproven', 'proven']);
    expect(session.workerId).toBe(id);
    expect(session.isProven()).toBe(true);
    expect(await fixture.worker(id)).toMatchObject({ state: 'live', proof: 2 });
    expect(await fixture.held(id)).toBe(1);
    expect((await other.session.claim(demand(5))).deliveries).toEqual([]);
  });

  it('starts and claims nothing until then', async () => {
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener } = await fixture.started({ connection: { connectionString: proxy.url } });

    proxy.cut();
    await listener.saw('unproven');

    expect(session.isProven()).toBe(false);
    await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
    await session.stop();
    await proxy.close();
  });

  it('notices by itself that nothing is answered, and takes its lock back from the connection that hangs', async () => {
    await fixture.emit(1);
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener, id } = await fixture.started({
      connection: { connectionString: proxy.url },
      settings: deadlines,
    });
    await claimed(session, listener, 1);
    const { backend_pid: hanging } = await fixture.worker(id);

    proxy.stall();
    await listener.saw('unproven');
    expect(session.isProven()).toBe(false);
    // The server has not noticed anything: the proxy's kernel still answers it.
    const locks = `select 1 from pg_locks where pid = $1 and locktype = 'advisory' and granted`;
    expect(await fixture.engine.rows(locks, [hanging])).toHaveLength(1);
    proxy.resume();
    await listener.saw('proven', 2);

    expect(session.workerId).toBe(id);
    expect(await fixture.held(id)).toBe(1);
    expect(await fixture.engine.rows(locks, [hanging])).toHaveLength(0);
    await session.stop();
    await proxy.close();
  });

  it('finds claims again whose answer was lost, once', async () => {
    await fixture.emit(3);
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener, id } = await fixture.started({
      connection: { connectionString: proxy.url },
      settings: deadlines,
    });
    const [known] = await claimed(session, listener, 1);
    const dropped = proxy.dropAnswerTo(CLAIM);

    const lost = session.claim(demand(2)).catch((error: unknown) => error);
    await dropped;
    expect(await lost).toBeInstanceOf(Error);
    await listener.saw('recovered');

    expect(listener.recovered).toHaveLength(2);
    expect(listener.recovered.map(({ eventId }) => eventId)).not.toContain(known!.eventId);
    expect(listener.recovered[0]).toMatchObject({ receiver: 1, claims: 1, attempts: 0, interruptions: 0, version: 1 });
    expect(typeof listener.recovered[0]!.readyXid).toBe('string');
    expect(await fixture.held(id)).toBe(3);

    listener.held = [known!, ...listener.recovered];
    await fixture.terminate(id);
    await listener.saw('proven', 3);
    expect((await session.claim(demand(5))).deliveries).toEqual([]);
    expect(listener.count('recovered')).toBe(1);
    await session.stop();
    await proxy.close();
  });

  it('finds a claim again of a delivery that it knows by an older claim', async () => {
    await fixture.emit(1);
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener } = await fixture.started({
      connection: { connectionString: proxy.url },
      settings: deadlines,
    });
    const [old] = await claimed(session, listener, 1);
    const { database, deliveries } = fixture.engine;
    // The worker has not heard yet that this was written.
    await deliveries.settle(database.connection, [{ delivery: old!, outcome: { kind: 'interrupted', failure: null } }]);
    const dropped = proxy.dropAnswerTo(CLAIM);
    const lost = session.claim(demand(1)).catch((error: unknown) => error);
    await dropped;
    expect(await lost).toBeInstanceOf(Error);
    await listener.saw('recovered');

    expect(listener.recovered).toMatchObject([{ eventId: old!.eventId, claims: old!.claims + 1 }]);
    await session.stop();
    await proxy.close();
  });

  it('finds claims again after a second statement of the claim failed on a sound connection', async () => {
    const { session, listener, id } = await fixture.started();
    const { delivery } = fixture.names;
    await fixture.emit(1);
    // Promoting this one, between the two claims of one call, violates the constraint.
    await fixture.engine.emit(fixture.engine.input({ delay: 1000 }));
    await fixture.engine.rows(
      `alter table ${delivery} add constraint stays_delayed check (priority <> 6 or due_at is not null)`,
    );
    await fixture.engine.rows(`update ${delivery} set priority = 6 where due_at is not null`);
    fixture.engine.clock.offset = 5000;

    await expect(session.claim(demand(5))).rejects.toThrow('stays_delayed');
    await listener.saw('recovered');
    await fixture.engine.rows(`alter table ${delivery} drop constraint stays_delayed`);

    expect(listener.recovered).toHaveLength(1);
    expect(await fixture.held(id)).toBe(1);
    expect(listener.count('unproven')).toBe(0);
  });

  it('is declared dead when it stays away: what it held is released in its place, and it comes back as somebody else', async () => {
    await fixture.emit(2);
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener, id } = await fixture.started({ connection: { connectionString: proxy.url } });
    const other = await fixture.started();
    const lost = await claimed(session, listener, 2);

    proxy.cut();
    await fixture.workerIs(id, 'dead', (row) => row.state === 'dead' && row.ended);
    const again = await claimed(other.session, other.listener, 2);

    expect(
      again.map(({ eventId, readyXid, claims, interruptions }) => [eventId, readyXid, claims, interruptions]),
    ).toEqual(lost.map(({ eventId, readyXid }) => [eventId, readyXid, 2, 1]));
    expect(listener.count('fenced')).toBe(0);
    proxy.reopen();
    await listener.saw('proven', 2);

    expect(listener.reports.filter((report) => report !== 'wake')).toEqual(['proven', 'unproven', 'fenced', 'proven']);
    expect(session.workerId).toBeGreaterThan(other.id);
    expect(session.isProven()).toBe(true);
    expect(await fixture.held(other.id)).toBe(2);
    await session.stop();
    await proxy.close();
  });

  it('is fenced on a connection that stands, too', async () => {
    const { session, listener, id } = await fixture.started();

    await fixture.engine.rows(`update ${fixture.names.worker} set state = 'dead' where id = $1`, [id]);
    await listener.saw('proven', 2);

    expect(listener.reports.filter((report) => report !== 'wake')).toEqual(['proven', 'unproven', 'fenced', 'proven']);
    expect(session.workerId).toBeGreaterThan(id);
  });

  it('stays proven while the server refuses its beats, since its session stands', async () => {
    const { session, listener, id } = await fixture.started();

    await fixture.engine.rows(`alter table ${fixture.names.worker} rename to moved`);
    try {
      await eventually('a failed beat', () =>
        listener.notices.some((notice) => notice.includes('A beat of the worker failed')),
      );
      expect(session.isProven()).toBe(true);
      expect(listener.notices).toHaveLength(1);
    } finally {
      await fixture.engine.rows(`alter table moved rename to jobs_worker`);
    }
    expect(listener.count('unproven')).toBe(0);
    expect(await fixture.worker(id)).toMatchObject({ state: 'live', proof: 1 });
  });
});
