import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { PostgresMaintenanceStore } from '../../lib/engine/maintenance/postgres-maintenance-store.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import { Retention } from '../../lib/index.js';
import { type CutOff, cutOff } from '../support/cut-off.js';
import type { HaltPlace } from '../support/halt.js';
import { OperatedApplication } from './support/operated-application.js';
import { ShipReceiver } from './support/ship.receiver.js';

/** What a batch of a prune looks at. */
const BATCH = 5_000;
const EVENTS = BATCH + 3;
const LETTERS = 3;

describe('Retention that is cut off', () => {
  let app: OperatedApplication;

  beforeAll(async () => {
    app = await OperatedApplication.start([ShipReceiver], { sweep: false });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  /** Old events, the first ones with a letter, and one more whose delivery is open; answers with the last that may go. */
  async function recorded(events: number, kind: 'dead' | 'discarded'): Promise<string> {
    const [row] = await app.rows<{ last: string }>(
      `with r as (select id from jobs_receiver where name = 'ship'), e as (
         insert into jobs_event (name, payload, receivers, created_at, retain_until)
         select 'order.paid', '{}', array[r.id], now() - interval '30 days', now() - interval '1 day'
         from r, generate_series(1, $1::int4 + 1) returning id),
       open as (insert into jobs_delivery (event_id, receiver) select max(e.id), max(r.id) from e, r),
       letters as (insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason, died_at)
         select e.id, r.id, 1, 4, 1, 1, 0, $3, 'x', now() - interval '30 days' from e, r order by e.id limit $2)
       select (max(id) - 1)::text as last from e`,
      [events, LETTERS, kind],
    );
    return row!.last;
  }

  /** What is there, and what is recorded as pruned. */
  async function state(): Promise<Readonly<Record<string, number>>> {
    const [row] = await app.rows<Record<string, number>>(
      `select (select count(*)::int4 from jobs_event) as events, (select count(*)::int4 from jobs_dead_letter) as letters,
         (select coalesce(sum((details ->> 'count')::int4), 0)::int4 from jobs_audit where action = 'event.pruned') as "eventsRecorded",
         (select coalesce(sum((details ->> 'count')::int4), 0)::int4 from jobs_audit where action = 'dead-letter.pruned') as "lettersRecorded"`,
    );
    return row!;
  }

  const before = { events: EVENTS + 1, letters: LETTERS, eventsRecorded: 0, lettersRecorded: 0 };
  const lettersGone = { ...before, letters: 0, lettersRecorded: LETTERS };
  const firstBatchGone = { ...lettersGone, events: EVENTS + 1 - BATCH, eventsRecorded: BATCH };
  const allGone = { ...lettersGone, events: 1, eventsRecorded: EVENTS };
  const lastEvent = (last: string): string => `old.id = ${last}`;
  const lastRecord = (): string =>
    `(new.details ->> 'count')::int4 = ${EVENTS - BATCH} and new.action = 'event.pruned'`;

  it.each<[string, HaltPlace, (last: string) => string, CutOff, object]>([
    ['a dead letter', { table: 'jobs_dead_letter', on: 'delete' }, () => 'true', 'SIGKILL', before],
    ['the record of dead letters', { table: 'jobs_audit', on: 'insert' }, () => 'true', 'SIGKILL', before],
    ['an event of the second batch', { table: 'jobs_event', on: 'delete' }, lastEvent, 'SIGKILL', firstBatchGone],
    ['its record', { table: 'jobs_audit', on: 'insert' }, lastRecord, 'pg_terminate_backend', firstBatchGone],
    ['its commit', { table: 'jobs_audit', on: 'insert', atCommit: true }, lastRecord, 'SIGKILL', allGone],
    [
      'its commit, on a connection',
      { table: 'jobs_audit', on: 'insert', atCommit: true },
      lastRecord,
      'pg_terminate_backend',
      firstBatchGone,
    ],
  ])(
    'at %s: keeps each batch with its record or neither, and another prunes the rest',
    async (_, at, when, by, left) => {
      const last = await recorded(EVENTS, 'dead');
      await cutOff(app.database.url, { kind: 'prune' }, { at: { ...at, when: when(last) }, by });
      expect(await state()).toEqual(left);

      await app.application.context.get(Retention, { strict: false }).prune({ actor: 'me', olderThan: '1d' });
      expect(await state()).toEqual(allGone);
    },
  );

  it.each<[string, HaltPlace, CutOff]>([
    ['an event', { table: 'jobs_event', on: 'delete' }, 'pg_terminate_backend'],
    ['a letter', { table: 'jobs_dead_letter', on: 'delete' }, 'pg_terminate_backend'],
    ['a letter, with its process', { table: 'jobs_dead_letter', on: 'delete' }, 'SIGKILL'],
  ])('of what is past its time, at %s: takes events with what was discarded of them, or neither', async (_, at, by) => {
    await recorded(LETTERS, 'discarded');
    await cutOff(app.database.url, { kind: 'purge' }, { at, by });
    // A statement that has all it needs is not told that whoever sent it is gone.
    const { events, letters } = await state();
    expect([events, letters]).toEqual(by === 'SIGKILL' ? [1, 0] : [LETTERS + 1, LETTERS]);

    const database = new EngineDatabase(app.application.dataSource);
    await new PostgresMaintenanceStore(database, tableNames(), app.clock).purgeEvents();
    expect(await state()).toMatchObject({ events: 1, letters: 0 });
  });
});
