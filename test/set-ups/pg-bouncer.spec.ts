import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import {
  type DeliveryContext,
  type JobsModuleOptions,
  OnReliableEvent,
  ReliableEvent,
  type TransactionalContext,
} from '../../lib/index.js';
import { PgBouncer, pgBouncerBinary } from '../support/pg-bouncer.js';
import { Asked, ReceivingProcess } from '../support/receiving-process.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('parcel.sent')
class ParcelSent {
  constructor(readonly number: number) {}
}

@Injectable()
class Parcels {
  @OnReliableEvent(ParcelSent, { id: 'booked', transactional: true })
  async book({ number }: ParcelSent, { manager }: TransactionalContext): Promise<void> {
    await manager.query('insert into effect values ($1)', [`booked ${number}`]);
  }

  @OnReliableEvent(ParcelSent, { id: 'tracked' })
  async track({ number }: ParcelSent, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) => manager.query('insert into effect values ($1)', [`tracked ${number}`]));
  }
}

const PARCELS = 200;
/** Fewer than the application has clients, so that they are handed around. */
const SERVERS = 4;

// Not part of what must be installed: without the program there is nothing to test, and test/engine/liveness/lease.spec.ts stands in.
const withPgBouncer = pgBouncerBinary === undefined ? describe.skip : describe;
if (pgBouncerBinary === undefined) {
  console.warn(
    'test/set-ups/pg-bouncer.spec.ts is skipped: no pgbouncer in PATH or /usr/sbin (apt-get install pgbouncer).',
  );
}

withPgBouncer('Behind PgBouncer in transaction mode,', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;
  let direct: Client;
  const open: TestApplication[] = [];

  beforeEach(async () => {
    database = await TestDatabase.create();
    bouncer = await PgBouncer.start(database.url, { mode: 'transaction', servers: SERVERS });
    direct = new Client(database.url);
    await direct.connect();
    await direct.query('create table effect (text text not null)');
  });
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
    await bouncer.stop();
    await direct.end();
    await database.drop();
  });

  async function start(jobs: JobsModuleOptions = {}): Promise<TestApplication> {
    const app = await TestApplication.start(
      { url: bouncer.urlOf(database.url) },
      { providers: [Parcels], typeorm: { synchronize: false }, jobs: { migrate: true, ...jobs } },
    );
    open.push(app);
    return app;
  }

  const quick: JobsModuleOptions = { worker: { pollInterval: '50ms' } };

  async function rows<Row extends object>(sql: string): Promise<Row[]> {
    return (await direct.query<Row>(sql)).rows;
  }

  /** Emits each parcel in a transaction of its own, many at a time. */
  async function send(app: TestApplication): Promise<void> {
    const numbers = Array.from({ length: PARCELS }, (_, number) => number);
    await Promise.all(
      numbers.map((number) =>
        app.dataSource.transaction((manager) => app.events.emit(new ParcelSent(number), { manager })),
      ),
    );
  }

  const effects = async (): Promise<string[]> =>
    (await rows<{ text: string }>('select text from effect')).map(({ text }) => text).sort();
  const expected = Array.from({ length: PARCELS }, (_, number) => [`booked ${number}`, `tracked ${number}`])
    .flat()
    .sort();

  it('every effect comes about once, from two applications that share its connections', async () => {
    const [app, other] = [await start(quick), await start(quick)];
    await send(app);
    await other.drained();
    expect([await effects(), await rows('select from jobs_dead_letter')]).toEqual([expected, []]);
  });

  it('what is rolled back is delivered to nobody', async () => {
    const app = await start(quick);
    const rolledBack = app.dataSource.transaction(async (manager) => {
      await app.events.emit(new ParcelSent(1), { manager });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await app.events.emit(new ParcelSent(2));
    await app.drained();
    expect(await effects()).toEqual(['booked 2', 'tracked 2']);
  });

  it('nothing of a session stays on its connections: no prepared statement, lock or setting', async () => {
    const app = await start(quick);
    await send(app);
    await app.drained();
    // All of its connections at once, each held by a transaction.
    const clients = await Promise.all(
      Array.from({ length: SERVERS }, async () => {
        const client = new Client(bouncer.urlOf(database.url));
        await client.connect();
        await client.query('begin');
        return client;
      }),
    );
    const left = await Promise.all(
      clients.map(async (client) => {
        const { rows: found } = await client.query(
          `select (select count(*)::int4 from pg_prepared_statements where name like 'jobs%') as prepared,
             (select count(*)::int4 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as locks,
             (select count(*)::int4 from pg_listening_channels()) as channels, current_setting('statement_timeout') as timeout`,
        );
        await client.query('rollback');
        await client.end();
        return found[0] as unknown;
      }),
    );
    expect(left).toEqual(Array(SERVERS).fill({ prepared: 0, locks: 0, channels: 0, timeout: '0' }));
  });

  it('a worker has a lease instead of a lock', async () => {
    await start();
    expect(await rows('select state, mode from jobs_worker')).toEqual([{ state: 'live', mode: 'lease' }]);
  });

  it('another process finds what was emitted by looking for it', async () => {
    const emitting = await start({ worker: false });
    await start(quick);
    await emitting.events.emit(new ParcelSent(1));
    await emitting.drained();
    expect(await effects()).toEqual(['booked 1', 'tracked 1']);
  });

  it('what a killed process had begun is begun again by another once its lease is over', async () => {
    const emitting = await start({ worker: false });
    const worker = { pollInterval: 50, lease: '3s' };
    const options = { url: bouncer.urlOf(database.url), worker };
    const victim = await ReceivingProcess.start(options);
    await emitting.events.emit(new Asked('finish when told'));
    await victim.started('finish when told');
    const heir = await ReceivingProcess.start(options);
    victim.kill('SIGKILL');
    await heir.started('finish when told');
    const taken = await rows('select interruptions, attempts from jobs_delivery');
    heir.finish();
    await until(async () => (await rows('select from jobs_delivery')).length === 0);
    heir.kill('SIGTERM');
    expect([taken, await heir.ended]).toEqual([[{ interruptions: 1, attempts: 0 }], 0]);
  });

  it('of several that migrate at once, one does it', async () => {
    await Promise.all([start({ ...quick }), start({ ...quick }), start({ ...quick })]);
    expect(await rows('select count(*) = count(distinct version) as once from jobs_schema')).toEqual([{ once: true }]);
  });

  it('a direct connection of the worker gives it the lock, and notifications, back', async () => {
    process.env['DIRECT_URL'] = database.url;
    const { jobsModule } = await import('../docs/set-ups/pooler.js');
    await start({ worker: false });
    const app = await TestApplication.start(
      { url: bouncer.urlOf(database.url) },
      { providers: [Parcels], typeorm: { synchronize: false }, jobsModule },
    );
    open.push(app);
    const emitting = await start({ worker: false });
    await emitting.events.emit(new ParcelSent(1));
    await app.drained();
    expect([await rows('select mode from jobs_worker'), await effects()]).toEqual([
      [{ mode: 'lock' }],
      ['booked 1', 'tracked 1'],
    ]);
  });

  it('and in session mode, too, a worker has a lease, as it cannot know', async () => {
    await bouncer.stop();
    bouncer = await PgBouncer.start(database.url, { mode: 'session', servers: 40 });
    const app = await start(quick);
    await send(app);
    await app.drained();
    expect([await rows('select mode from jobs_worker'), await effects()]).toEqual([[{ mode: 'lease' }], expected]);
  });
});
