import { Socket } from 'node:net';

import { CHANNEL, claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

jest.mock('../../../lib/engine/liveness/thread-location.js', () => ({ threadLocation: '/no/such/liveness.thread.js' }));

describe('a session on the main thread', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  it('is what remains when no thread can be started', async () => {
    const { listener, id } = await fixture.started();

    expect(await fixture.worker(id)).toMatchObject({ state: 'live', mode: 'main', proof: 1 });
    expect(listener.notices).toEqual([
      expect.stringMatching(/main thread: The liveness thread cannot be started.*75000 ms/),
    ]);
  });

  it('serves configurations that cannot be handed to a thread, and names what keeps them', async () => {
    await fixture.emit(2);
    const { session, listener, id } = await fixture.started({
      connection: { connectionString: fixture.url, stream: () => new Socket() },
    });
    expect(listener.notices).toEqual([expect.stringContaining('"stream" of the database connection')]);

    await claimed(session, listener, 2);
    await fixture.terminate(id);
    await listener.saw('proven', 2);
    expect(session.workerId).toBe(id);
    expect(await fixture.held(id)).toBe(2);
    expect((await session.claim(demand(1))).deliveries).toEqual([]);

    await session.stop();
    expect(await fixture.worker(id)).toMatchObject({ state: 'left', ended: true });
    expect(await fixture.engine.count(fixture.names.delivery, 'worker is null and interruptions = 0')).toBe(2);
  });

  it('listens on a connection of its own, which may be lost without harm', async () => {
    const { session, listener, id } = await fixture.started();
    expect(session.hearsNotifications).toBe(true);
    const { backend_pid } = await fixture.worker(id);

    const ear = await fixture.engine.rows<{ pid: number }>(
      `select pg_terminate_backend(pid), pid from pg_stat_activity
       where datname = current_database() and pid not in ($1, pg_backend_pid()) and query like 'select pg_notify%'`,
      [backend_pid],
    );
    expect(ear).toHaveLength(1);
    // It looks from the left end after each pause, so the wake tells that it listens again.
    await listener.saw('wake');
    await fixture.engine.rows('select pg_notify($1, $2)', [CHANNEL, 'go']);
    await listener.saw('wake', 2);

    expect(listener.count('unproven')).toBe(0);
  });

  it('is given more time to prove itself again, since a blocked event loop cannot', async () => {
    await fixture.emit(1);
    const settings = { mainThreadGrace: 6000, restartGrace: 400, beat: 200 };
    const rescuer = await fixture.started({ settings });
    const blocked = await fixture.process({ main: true, settings });
    const { workerId } = blocked;
    await blocked.claim(1);
    blocked.order({ kind: 'block', milliseconds: 3000 });
    await blocked.reported('blocking');

    await fixture.terminate(workerId);
    const unblocked = await blocked.reported('unblocked');
    await blocked.reported('proven', 2);

    // Whatever it believed before, the gate does not open without a fresh proof.
    expect(unblocked).toMatchObject({ admitted: false, workerId });
    expect(await fixture.worker(workerId)).toMatchObject({ state: 'live', mode: 'main', proof: 2 });
    expect((await rescuer.session.claim(demand(1))).deliveries).toEqual([]);
  });

  it('is declared dead in the end', async () => {
    await fixture.emit(1);
    const { session, listener } = await fixture.started({ settings: { mainThreadGrace: 1300 } });
    const victim = await fixture.process({ main: true });
    await victim.claim(1);

    await victim.kill();

    expect(await claimed(session, listener, 1)).toMatchObject([{ interruptions: 1 }]);
  });
});
