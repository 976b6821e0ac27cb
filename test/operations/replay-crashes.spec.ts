import type { EntityManager } from 'typeorm';
import { ACTING, ALWAYS } from '../support/acting-process.js';
import { type CutOff, cutOff } from '../support/cut-off.js';
import type { HaltPlace } from '../support/halt.js';
import { until } from '../support/until.js';
import { OperatedApplication } from './support/operated-application.js';
import { OrderPaid, ShipReceiver } from './support/ship.receiver.js';

const ME = { actor: 'me' } as const;
const FAILURES = [{ kind: 'failed', at: '2026-01-01T00:00:00.000Z', attempt: 1, name: 'Error', message: 'lost' }];
const letterTaken: HaltPlace = { table: 'jobs_dead_letter', on: 'delete' };
const deliveryWritten: HaltPlace = { table: 'jobs_delivery', on: 'insert' };
const adopted: HaltPlace = { table: 'jobs_delivery', on: 'update' };
const recordWritten: HaltPlace = { table: 'jobs_audit', on: 'insert' };
const committing: HaltPlace = { ...recordWritten, atCommit: true };

/** What a batch of a span holds. */
const BATCH = 500;

describe('A replay that is cut off', () => {
  let app: OperatedApplication;

  beforeAll(async () => {
    app = await OperatedApplication.start([ShipReceiver], { sweep: false });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  /** Gives up all that is open, after three claims. */
  async function bury(manager: Pick<EntityManager, 'query'> = app.application.dataSource): Promise<void> {
    await manager.query(
      `with gone as (delete from jobs_delivery returning *)
       insert into jobs_dead_letter (event_id, receiver, version, priority, lane, claims, attempts, interruptions, kind, reason, failures)
       select event_id, receiver, version, 2, lane, 3, 1, 0, 'dead', 'failed', $1 from gone`,
      [JSON.stringify(FAILURES)],
    );
  }

  /** Of each event what it has: a letter, a delivery that goes on from one, a delivery that begins anew, or what else. */
  async function state(): Promise<Readonly<Record<string, number>>> {
    const rows = await app.rows<{ has: string; count: number }>(
      `select has, count(*)::int4 as count from jobs_event e, lateral (
         select coalesce(string_agg(one, ' and ' order by one), 'nothing') as has from (
           select 'a letter' as one from jobs_dead_letter l where l.event_id = e.id
           union all select case when d.claims = 4 and d.failures = $1 and d.priority = 2 then 'its delivery' else 'another delivery' end
             from jobs_delivery d where d.event_id = e.id) every) what group by has`,
      [JSON.stringify(FAILURES)],
    );
    return Object.fromEntries(rows.map(({ has, count }) => [has, count]));
  }

  /** Events that are recorded as replayed, by whom. */
  async function recorded(): Promise<Readonly<Record<string, number>>> {
    const { items } = await app.audit.list();
    const counts: Record<string, number> = {};
    for (const { actor, details } of items) {
      const replayed = (details['events'] ?? details['deliveries']) as readonly string[];
      counts[actor] = (counts[actor] ?? 0) + replayed.length;
    }
    return counts;
  }

  it.each<[string, HaltPlace, CutOff, 'all' | 'nothing']>([
    ['when it takes a letter, with its process', letterTaken, 'SIGKILL', 'nothing'],
    ['when it writes the delivery, with its process', deliveryWritten, 'SIGKILL', 'nothing'],
    ['when it writes its record, with its process', recordWritten, 'SIGKILL', 'nothing'],
    ['when it writes its record, with its connection', recordWritten, 'pg_terminate_backend', 'nothing'],
    ['while it commits, with its process', committing, 'SIGKILL', 'all'],
    ['while it commits, with its connection', committing, 'pg_terminate_backend', 'nothing'],
  ])('%s, has done all or nothing, and another process does the rest once', async (_, at, by, done) => {
    const { id } = await app.events.emit(new OrderPaid());
    await bury();
    await cutOff(app.database.url, { kind: 'replay', eventId: id }, { at, by });
    const nothing = [{ 'a letter': 1 }, {}];
    expect([await state(), await recorded()]).toEqual(
      done === 'all' ? [{ 'its delivery': 1 }, { [ACTING]: 1 }] : nothing,
    );

    const { created, open } = await app.log.replay(id, ME);
    expect([created.length, open.length]).toEqual(done === 'all' ? [0, 1] : [1, 0]);
    expect([await state(), await recorded()]).toEqual([
      { 'its delivery': 1 },
      { [done === 'all' ? ACTING : ME.actor]: 1 },
    ]);
  });

  it.each<[string, HaltPlace, CutOff, 'all' | 'nothing']>([
    ['when it takes the letter, with its process', letterTaken, 'SIGKILL', 'nothing'],
    ['when the delivery goes on from it, with its process', adopted, 'SIGKILL', 'nothing'],
    ['when the delivery goes on from it, with its connection', adopted, 'pg_terminate_backend', 'nothing'],
    ['while it commits, with its process', committing, 'SIGKILL', 'all'],
  ])('of a delivery that is given up at that moment, %s, loses no letter', async (_, at, by, done) => {
    const { id } = await app.events.emit(new OrderPaid());
    const during = (begin: () => void): Promise<void> =>
      app.application.dataSource.transaction(async (manager) => {
        await bury(manager);
        begin();
        await until(async () => (await waitingForOthers()) === 1, 'the replay');
      });
    await cutOff(app.database.url, { kind: 'replay', eventId: id }, { at, by, during });
    expect(await state()).toEqual(done === 'all' ? { 'its delivery': 1 } : { 'a letter': 1 });

    await app.log.replay(id, ME);
    expect([await state(), await recorded()]).toEqual([
      { 'its delivery': 1 },
      { [done === 'all' ? ACTING : ME.actor]: 1 },
    ]);
  });

  /** How many acting processes wait for what another transaction comes to. */
  function waitingForOthers(): Promise<number> {
    return app.application.count(
      'pg_stat_activity',
      `datname = current_database() and application_name = '${ACTING}' and wait_event = 'transactionid'`,
    );
  }

  it.each([
    ['in the middle of its second batch', false],
    ['while its second batch commits', true],
  ])('of a span, %s, keeps each batch or none of it, and is done once by whoever repeats it', async (_, atCommit) => {
    const emitted = await app.events.emitMany(Array.from({ length: BATCH + 2 }, () => new OrderPaid()));
    await bury();
    const last = emitted.at(-1)!.id;
    const at: HaltPlace = { table: 'jobs_delivery', on: 'insert', when: `new.event_id = ${last}`, atCommit };
    await cutOff(app.database.url, { kind: 'replay all', receiver: 'ship' }, { at, by: 'SIGKILL' });
    const kept = atCommit ? BATCH + 2 : BATCH;
    const rest = BATCH + 2 - kept;
    expect([await state(), await recorded()]).toEqual([
      { 'its delivery': kept, ...(rest > 0 && { 'a letter': rest }) },
      { [ACTING]: kept },
    ]);

    const repeated = await app.log.replaySpan({ ...ME, ...ALWAYS, receiver: 'ship' });
    expect(repeated).toEqual({ changed: rest, open: kept, next: null });
    expect([await state(), await recorded()]).toEqual([
      { 'its delivery': BATCH + 2 },
      { [ACTING]: kept, ...(rest > 0 && { [ME.actor]: rest }) },
    ]);
  });
});
