import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';

import type { PostgresWorkerSession } from '../../../lib/engine/liveness/postgres-worker-session.js';
import { claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

/** There is no way for an application to get at the thread, and none for a test but this. */
function threadOf(session: PostgresWorkerSession): Worker {
  const host: object = Reflect.get(session, 'host');
  return (Reflect.get(host, 'thread') as { worker: Worker }).worker;
}

describe('the liveness thread', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  it('is started again when it ends, and goes on under the same number', async () => {
    await fixture.emit(2);
    const { session, listener, id } = await fixture.started();
    const other = await fixture.started();
    const [known] = await claimed(session, listener, 1);

    await threadOf(session).terminate();
    await listener.saw('unproven');
    expect(session.isProven()).toBe(false);
    await expect(session.claim(demand(1))).rejects.toThrow('no proven connection');
    await listener.saw('proven', 2);

    expect(listener.notices[0]).toMatch(/^error: The liveness thread ended and is started again/);
    expect(session.workerId).toBe(id);
    expect(session.isProven()).toBe(true);
    expect(await fixture.worker(id)).toMatchObject({ state: 'live', proof: 2 });
    const { deliveries } = await other.session.claim(demand(5));
    expect(deliveries.map(({ eventId }) => eventId)).not.toContain(known!.eventId);
    expect(listener.count('recovered')).toBe(0);
  });

  it('hands over what it had claimed when it ended before it could say so', async () => {
    await fixture.emit(1);
    const { session, listener, id } = await fixture.started();
    await claimed(session, listener, 1);
    listener.held = [];

    await threadOf(session).terminate();
    await listener.saw('recovered');

    expect(listener.recovered).toHaveLength(1);
    expect(await fixture.held(id)).toBe(1);
  });

  it('renews a proof that has grown old as soon as it is asked for', async () => {
    const { session, listener } = await fixture.started({ settings: { gate: 1, beat: 2500 } });
    while (session.isProven());

    await listener.saw('proven', 2);
  });

  it.each(['thread', 'main'])('does not keep a process alive that forgot its session (%s)', async (place) => {
    const file = resolve(__dirname, '../../../.build/test/children/forgotten-worker.js');

    const { stdout } = await promisify(execFile)(process.execPath, [file, fixture.url, place], { timeout: 15_000 });

    expect(stdout).toBe('proven');
  });
});
