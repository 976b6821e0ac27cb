import { Client } from 'pg';

import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

const lease = { proof: 'lease', poolerLease: 1500 } as const;

describe('a session behind a pooler', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  const expireLease = (id: number): Promise<unknown> =>
    fixture.engine.rows(
      `update ${fixture.names.worker} set lease_until = clock_timestamp() - interval '1 second' where id = $1`,
      [id],
    );

  it('is found out before anything is locked or set, and said', async () => {
    const proxy = await TcpProxy.start(fixture.url);
    proxy.poseAsPooler();
    const { session, listener, id } = await fixture.started({ connection: { connectionString: proxy.url } });

    expect(await fixture.worker(id)).toMatchObject({ state: 'live', mode: 'lease', backend_pid: null });
    expect(listener.notices).toEqual([expect.stringMatching(/^warn: .*pooler.*30000 ms.*direct connection/)]);
    expect(session.hearsNotifications).toBe(false);
    expect(
      await fixture.engine.rows(`select 1 from pg_locks where locktype = 'advisory' and objid = $1::int4::oid`, [id]),
    ).toEqual([]);
    const statements = await fixture.engine.rows<{ query: string }>(
      `select query from pg_stat_activity where datname = current_database() and query ~ 'set_config|listen' and pid <> pg_backend_pid()`,
    );
    expect(statements).toEqual([]);
    await session.stop();
    await proxy.close();
  });

  it('is proven by a time that it moves on, and claims', async () => {
    await fixture.emit(1);
    const { session, id } = await fixture.started({ settings: lease });
    const [first] = await fixture.engine.rows<{ until: string }>(
      `select lease_until::text as until from ${fixture.names.worker} where id = $1`,
      [id],
    );

    await expect(session.claim(demand(5))).resolves.toMatchObject({ deliveries: [{ claims: 1 }] });
    await eventually('a time beyond the first lease, in a lease renewed', async () => {
      expect(session.isProven()).toBe(true);
      const beyond = `clock_timestamp() > '${first!.until}' and lease_until > clock_timestamp()`;
      return (await fixture.engine.count(fixture.names.worker, `id = ${id} and ${beyond}`)) === 1;
    });

    expect(await fixture.held(id)).toBe(1);
  });

  it.each([
    ['one that holds a lock', {}],
    ['one that has a lease itself', lease],
  ])('is declared dead when it no longer does, by %s', async (_, settings) => {
    await fixture.emit(1);
    const { session, listener } = await fixture.started({ settings });
    const victim = await fixture.process({ settings: lease });
    const { workerId } = victim;
    const lost = await victim.claim(1);

    await victim.kill();
    const again = await claimed(session, listener, 1);

    expect(again[0]).toMatchObject({ eventId: lost[0]!.eventId, interruptions: 1, claims: 2 });
    expect(await fixture.worker(workerId)).toMatchObject({ state: 'dead', ended: true });
  });

  it('takes up a lease again that is over, when nobody acted upon it', async () => {
    await fixture.emit(1);
    const { session, listener, id } = await fixture.started({ settings: { ...lease, poolerLease: 30_000 } });
    await expireLease(id);

    await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
    await listener.saw('proven', 2);

    expect(session.workerId).toBe(id);
    await expect(session.claim(demand(1))).resolves.toMatchObject({ deliveries: [{ claims: 1 }] });
  });

  it('claims nothing once it was declared dead, before it knows', async () => {
    await fixture.emit(1);
    const { session, listener, id } = await fixture.started({ settings: { ...lease, poolerLease: 30_000 } });
    await fixture.engine.rows(`update ${fixture.names.worker} set state = 'dead' where id = $1`, [id]);

    await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
    await listener.saw('proven', 2);

    expect(listener.reports).toEqual(['proven', 'unproven', 'fenced', 'proven']);
    expect(session.workerId).toBeGreaterThan(id);
    expect(await fixture.held(id)).toBe(0);
  });

  it('is proven again when its connection was lost, with a number that refuses what it had sent before', async () => {
    await fixture.emit(1);
    const proxy = await TcpProxy.start(fixture.url);
    const { session, listener, id } = await fixture.started({
      connection: { connectionString: proxy.url },
      settings: lease,
    });

    proxy.cut();
    proxy.reopen();
    await listener.saw('proven', 2);

    expect(session.workerId).toBe(id);
    expect(await fixture.worker(id)).toMatchObject({ state: 'live', proof: 1 });
    await claimed(session, listener, 1);
    await session.stop();
    await proxy.close();
  });

  it('has its late claim waited for, and swept, by who declares it dead', async () => {
    await fixture.emit(1);
    await fixture.started();
    const zombie = new Client(fixture.url);
    await zombie.connect();
    const { rows } = await zombie.query<{ id: number }>(
      `insert into ${fixture.names.worker} (boot, mode, host, pid, lease_until)
       values (gen_random_uuid(), 'lease', 'elsewhere', 1, clock_timestamp() - interval '1 second') returning id`,
    );
    const { id } = rows[0]!;
    await zombie.query('begin');
    await zombie.query(`select from ${fixture.names.worker} where id = $1 for share`, [id]);

    // The declaration waits for the claim that depends on the row.
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%set state = ''dead''%' and pid <> pg_backend_pid() and datname = current_database()`;
    await eventually('a declaration that waits', async () => (await fixture.engine.rows(waiting)).length > 0);
    await zombie.query(`update ${fixture.names.delivery} set worker = $1, claims = claims + 1`, [id]);
    await zombie.query('commit');
    await zombie.end();

    await fixture.workerIs(id, 'swept', (row) => row.state === 'dead' && row.ended);
    expect(await fixture.engine.count(fixture.names.delivery, 'worker is null and interruptions = 1')).toBe(1);
  });
});
