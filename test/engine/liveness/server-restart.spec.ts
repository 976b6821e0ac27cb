import { startPostgres } from '../../../tools/embedded-postgres.mjs';
import { claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

describe('a crash of the server', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let fixture: LivenessFixture;
  const shared = process.env['DATABASE_URL'];

  beforeAll(async () => {
    server = await startPostgres();
    process.env['DATABASE_URL'] = server.url();
    fixture = await LivenessFixture.create();
    await fixture.reset();
  });
  afterAll(async () => {
    await fixture.close();
    process.env['DATABASE_URL'] = shared;
    await server.stop();
  });

  it('frees every lock, and yet nobody is taken for dead and nothing runs twice', async () => {
    await fixture.emit(4);
    const settings = { restartGrace: 10_000 };
    const blocked = await fixture.process({ settings });
    const workers = [await fixture.started({ settings }), await fixture.started({ settings })];
    await blocked.claim(2);
    for (const { session, listener } of workers) await claimed(session, listener, 1);
    blocked.order({ kind: 'block', milliseconds: 8000 });
    await blocked.reported('blocking');

    await server.restart('immediate');
    const ids = [blocked.workerId, ...workers.map(({ id }) => id)];
    await Promise.all(ids.map((id) => fixture.workerIs(id, 'proven again', ({ proof }) => proof === 2)));
    for (const { listener } of workers) await listener.saw('proven', 2);

    for (const { session, listener } of workers) {
      expect((await session.claim(demand(5))).deliveries).toEqual([]);
      expect(listener.count('fenced') + listener.count('recovered')).toBe(0);
    }
    expect(await fixture.engine.count(fixture.names.worker, `state <> 'live'`)).toBe(0);
    expect(await fixture.engine.count(fixture.names.delivery, 'interruptions = 0 and claims = 1')).toBe(4);
  });
});
