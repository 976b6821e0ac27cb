import { eventually } from '../../support/eventually.js';
import { claimed, demand, LivenessFixture } from './support/liveness-fixture.js';

const shortLease = { beatDeadline: 600, stale: 600, lease: 2000 };

describe('workers in processes of their own', () => {
  let fixture: LivenessFixture;

  beforeAll(async () => {
    fixture = await LivenessFixture.create();
  });
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());

  describe('killed', () => {
    it('are declared dead once, and what they held can be claimed in its place', async () => {
      await fixture.emit(4);
      const rescuers = [await fixture.started(), await fixture.started(), await fixture.started()];
      const victim = await fixture.process();
      const { workerId } = victim;
      const lost = await victim.claim(3);
      const [rescuer] = rescuers;
      await claimed(rescuer!.session, rescuer!.listener, 1);

      await victim.kill();
      const again = await claimed(rescuer!.session, rescuer!.listener, 3);

      expect(again.map(({ eventId }) => eventId).sort()).toEqual(lost.map(({ eventId }) => eventId).sort());
      expect(again.map(({ readyXid }) => readyXid).sort()).toEqual(lost.map(({ readyXid }) => readyXid).sort());
      expect(again.map(({ claims, attempts, interruptions }) => [claims, attempts, interruptions])).toEqual([
        [2, 0, 1],
        [2, 0, 1],
        [2, 0, 1],
      ]);
      expect(await fixture.worker(workerId)).toMatchObject({ state: 'dead', ended: true });
      const declarations = rescuers.flatMap(({ listener }) => listener.notices.filter((text) => text.includes('dead')));
      expect(declarations).toEqual([expect.stringContaining(`worker ${workerId} `)]);
      expect(declarations[0]).toContain('3 of its deliveries released');
      // The others were told to look from the left end.
      await Promise.all(rescuers.map(({ listener }) => listener.saw('wake')));
    });

    it('bury what was interrupted too often, with its failures', async () => {
      await fixture.emit(2);
      await fixture.engine.rows(
        `update ${fixture.names.delivery} set interruptions = 9, failures = '[{"kind":"interrupted"}]', attempts = 2
         where event_id = (select min(event_id) from ${fixture.names.delivery})`,
      );
      const { session, listener } = await fixture.started();
      const victim = await fixture.process();
      await victim.claim(2);

      await victim.kill();
      const survivors = await claimed(session, listener, 1);

      expect(survivors[0]).toMatchObject({ interruptions: 1 });
      const letters = await fixture.engine.rows(
        `select kind, reason, attempts, interruptions, claims, failures, receiver from ${fixture.names.deadLetter}`,
      );
      expect(letters).toEqual([
        {
          kind: 'dead',
          reason: 'interrupted 10 times',
          attempts: 2,
          interruptions: 10,
          claims: 1,
          failures: [{ kind: 'interrupted' }],
          receiver: 1,
        },
      ]);
      expect(await fixture.engine.count(fixture.names.delivery)).toBe(1);
    });

    it('wait for a lease when nobody on another host knows whether they were frozen', async () => {
      await fixture.emit(1);
      const victim = await fixture.process({ host: 'elsewhere' });
      await victim.claim(1);
      await victim.kill();

      // Younger than the victim's end, and on another host: it may have been frozen and cut.
      const { session, listener, id } = await fixture.started({ settings: shortLease });
      const silence = `select extract(epoch from clock_timestamp() - seen_at)::float8 as seconds from ${fixture.names.worker} where id = $1`;
      await claimed(session, listener, 1);

      const [row] = await fixture.engine.rows<{ seconds: number }>(silence, [victim.workerId]);
      expect(row!.seconds).toBeGreaterThan(2);
      expect(await fixture.held(id)).toBe(1);
    });
  });

  describe('cut while their event loop is blocked', () => {
    it('prove themselves again all the same, and keep their work', async () => {
      await fixture.emit(2);
      const { session, listener } = await fixture.started();
      const blocked = await fixture.process();
      const { workerId } = blocked;
      await blocked.claim(2);
      blocked.order({ kind: 'block', milliseconds: 4000 });
      await blocked.reported('blocking');

      await fixture.terminate(workerId);
      await fixture.workerIs(workerId, 'proven again', (row) => row.proof === 2);
      await blocked.reported('unblocked');

      expect((await session.claim(demand(5))).deliveries).toEqual([]);
      expect(listener.notices).toEqual([]);
      expect(await fixture.held(workerId)).toBe(2);
      expect(blocked.all('fenced')).toEqual([]);
      // The gate needs no message: it was open at the moment in which the loop came back.
      expect(blocked.all('unblocked')[0]).toMatchObject({ admitted: true, workerId });
    });

    it('start nothing of what they lost, although somebody else is proven in their name', async () => {
      await fixture.emit(2);
      const blocked = await fixture.process();
      const { workerId } = blocked;
      await blocked.claim(2);
      blocked.order({ kind: 'block', milliseconds: 2000 });
      await blocked.reported('blocking');

      // Declared dead while nobody can tell the main thread: its new identity is proven long before.
      await fixture.engine.rows(`update ${fixture.names.worker} set state = 'dead' where id = $1`, [workerId]);
      await fixture.workerIs(workerId + 1, 'proven', (row) => row.state === 'live' && row.proof === 1);
      blocked.order({ kind: 'run' });
      const unblocked = await blocked.reported('unblocked');
      await blocked.reported('proven', 2);

      expect(unblocked).toMatchObject({ admitted: false, workerId });
      expect(blocked.workerId).toBe(workerId + 1);
      expect(blocked.all('fenced')).toHaveLength(1);
      expect(blocked.all('started')).toEqual([]);
    });
  });

  describe('frozen', () => {
    it('are never suspected as long as their connection stands', async () => {
      await fixture.emit(1);
      const { session, listener } = await fixture.started();
      const frozen = await fixture.process();
      const { workerId } = frozen;
      await frozen.claim(1);

      frozen.signal('SIGSTOP');
      await eventually('the frozen process to be silent', async () => {
        const [row] = await fixture.engine.rows<{ silent: boolean }>(
          `select clock_timestamp() - a.state_change > interval '2 seconds' as silent
           from pg_stat_activity a join ${fixture.names.worker} w on w.backend_pid = a.pid where w.id = $1`,
          [workerId],
        );
        return row!.silent;
      });
      expect((await session.claim(demand(5))).deliveries).toEqual([]);
      frozen.signal('SIGCONT');
      frozen.order({ kind: 'run' });
      await frozen.reported('started');

      expect(listener.notices).toEqual([]);
      expect(frozen.all('fenced')).toEqual([]);
      expect(await fixture.worker(workerId)).toMatchObject({ state: 'live', proof: 1 });
    });

    it('are overtaken when cut, start nothing of what they lost, and come back as others', async () => {
      await fixture.emit(2);
      const { session, listener } = await fixture.started();
      const frozen = await fixture.process();
      const { workerId } = frozen;
      const lost = await frozen.claim(2);

      frozen.signal('SIGSTOP');
      await fixture.terminate(workerId);
      const again = await claimed(session, listener, 2);
      frozen.order({ kind: 'run' });
      frozen.signal('SIGCONT');
      await frozen.reported('proven', 2);

      expect(again.map(({ eventId }) => eventId).sort()).toEqual(lost.map(({ eventId }) => eventId).sort());
      expect(frozen.all('fenced')).toHaveLength(1);
      expect(frozen.all('started')).toEqual([]);
      expect(frozen.workerId).toBeGreaterThan(workerId);
    });

    it('lose a connection that somebody holds open for them, after a lease', async () => {
      await fixture.emit(1);
      const { session, listener } = await fixture.started({ settings: shortLease });
      const frozen = await fixture.process();
      const { workerId } = frozen;
      await frozen.claim(1);

      frozen.signal('SIGSTOP');
      await claimed(session, listener, 1);

      expect(await fixture.worker(workerId)).toMatchObject({ state: 'dead', proof: 1 });
      frozen.signal('SIGCONT');
      await frozen.reported('fenced');
    });
  });
});
