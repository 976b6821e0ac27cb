import { Claimer } from '../../../lib/engine/claiming/claimer.js';
import type { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import type { PooledClient } from '../../../lib/engine/database/postgres-driver.js';
import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import { DirectConnection } from '../../../lib/engine/liveness/connection/direct-connection.js';
import type { PeerSighting } from '../../../lib/engine/liveness/protocol/peer-sighting.js';
import { LockSpace } from '../../../lib/engine/liveness/protocol/lock-space.js';
import { releaseStatements } from '../../../lib/engine/liveness/protocol/release.statements.js';
import { type Rescue, Rescuer } from '../../../lib/engine/liveness/protocol/rescuer.js';
import { workerStatements } from '../../../lib/engine/liveness/protocol/worker.statements.js';
import { defaultSessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { ReceiverDemand } from '../../../lib/engine/liveness/worker-session.js';
import { PostgresReceiverControlStore } from '../../../lib/engine/receivers/postgres-receiver-control-store.js';
import { PostgresRegistrationStore } from '../../../lib/engine/receivers/postgres-registration-store.js';
import { DeadLettersStore } from '../../../lib/operations/dead-letters/dead-letters.store.js';
import type { DeliveryChanges } from '../../../lib/operations/deliveries/delivery-changes.js';
import { OpenDeliveriesStore } from '../../../lib/operations/deliveries/open-deliveries.store.js';
import { ReplayStore } from '../../../lib/operations/events/replay.store.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { type Claim, type Emission, MAX_INTERRUPTIONS, type ModelLetter, type ModelView } from './delivery-model.js';

const HOUR = 3_600_000;
const DEADLINES = { connect: 10_000, statement: 30_000 };

/** A worker of the real system: a connection, where it has looked, and who it is. */
interface RealWorker {
  readonly client: PooledClient;
  readonly connection: EngineConnection;
  readonly version: number;
  claimer: Claimer;
  id: number;
}

/** Rows of the tables in the shape the model has them. */
export interface StoredState extends ModelView {
  readonly letters: readonly (ModelLetter & { readonly id: string })[];
}

/** The real stores on several connections. */
export class DeliverySystem {
  private readonly open: OpenDeliveriesStore;
  private readonly letters: DeadLettersStore;
  private readonly replays: ReplayStore;
  private readonly controls: PostgresReceiverControlStore;
  private readonly registrations: PostgresRegistrationStore;
  private readonly rescuer: Rescuer;
  private begun = 0;

  private constructor(
    private readonly fixture: EngineFixture,
    private readonly watcher: DirectConnection,
    private readonly writers: readonly { readonly client: PooledClient; readonly connection: EngineConnection }[],
    readonly workers: readonly RealWorker[],
  ) {
    const { names, clock } = fixture;
    this.open = new OpenDeliveriesStore(names, clock);
    this.letters = new DeadLettersStore(names, clock);
    this.replays = new ReplayStore(names, clock);
    this.controls = new PostgresReceiverControlStore(names, clock);
    this.registrations = new PostgresRegistrationStore(fixture.database, names);
    const settings = { ...defaultSessionSettings, maxInterruptions: MAX_INTERRUPTIONS };
    this.rescuer = new Rescuer(
      releaseStatements(names),
      new LockSpace(names, workerStatements(names)),
      'none',
      settings,
      clock,
    );
  }

  /** @param versions highest event version that each worker understands. */
  static async create(fixture: EngineFixture, versions: readonly number[], writers: number): Promise<DeliverySystem> {
    const clients = async (count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const client = await fixture.client();
          return { client, connection: fixture.connection(client) };
        }),
      );
    const watcher = await DirectConnection.open({ connectionString: fixture.testDatabase.url }, DEADLINES);
    const workers = await clients(versions.length);
    return new DeliverySystem(
      fixture,
      watcher,
      await clients(writers),
      workers.map((worker, index) => ({ ...worker, version: versions[index]!, claimer: fixture.claimer(), id: 0 })),
    );
  }

  close(): void {
    this.watcher.close();
  }

  /** Empty tables, receivers that listen, and workers that have not looked yet. */
  async reset(receivers: readonly number[]): Promise<void> {
    const { names } = this.fixture;
    for (const { client } of this.writers) await client.query({ text: 'rollback' });
    await this.fixture.reset({ 'order.paid': receivers });
    await this.fixture.rows(`insert into ${names.receiver} (id, name) select id, 'r' || id from unnest($1::int[]) id`, [
      receivers,
    ]);
    const [row] = await this.fixture.rows<{ now: number }>('select extract(epoch from now())::float8 * 1000 as now');
    this.begun = row!.now;
    for (const worker of this.workers) await this.newIdentity(worker);
  }

  set now(hours: number) {
    this.fixture.clock.offset = hours * HOUR;
  }

  async emit(
    emissions: readonly Emission[],
    connection = this.fixture.database.connection,
  ): Promise<{ id: number; receivers: number }[]> {
    const inputs = emissions.map(({ version, priority, delay }) => ({
      ...this.fixture.input({ priority, retain: 1_000 * HOUR, ...(delay === null ? {} : { delay: delay * HOUR }) }),
      version,
    }));
    const appended = await this.fixture.events.append(connection, inputs, false);
    return appended.map(({ id, receivers }) => ({ id: Number(id), receivers }));
  }

  /** Emits in a transaction that stays open. */
  async emitOpen(writer: number, emissions: readonly Emission[]): Promise<{ id: number; receivers: number }[]> {
    const { client, connection } = this.writers[writer]!;
    await client.query({ text: 'begin' });
    return this.emit(emissions, connection);
  }

  async end(writer: number, how: 'commit' | 'rollback'): Promise<void> {
    await this.writers[writer]!.client.query({ text: how });
  }

  /** Claims what a lane would: nothing of what is paused. */
  async claim(
    number: number,
    demands: readonly Omit<ReceiverDemand, 'version'>[],
  ): Promise<{ claims: readonly ClaimedDelivery[]; nextDueIn: number | null }> {
    const worker = this.workers[number]!;
    const controls = await this.controls.read(this.fixture.database.connection);
    const paused = new Set(controls.flatMap((control) => (control.paused ? [control.receiver] : [])));
    const wanted = demands
      .filter(({ receiver }) => !paused.has(receiver))
      .map((one) => ({ ...one, version: worker.version }));
    const { deliveries, nextDueIn } = await worker.claimer.claim(worker.client, worker.id, wanted);
    return { claims: deliveries, nextDueIn: nextDueIn === null ? null : Math.round(nextDueIn / HOUR) };
  }

  /** Ends a claim; says whether it held. */
  async settle(worker: number, claim: Claim, outcome: Outcome): Promise<boolean> {
    const { connection } = this.workers[worker]!;
    const delivery = toDelivery(claim);
    const { deliveries } = this.fixture;
    const held =
      outcome.kind === 'acknowledged'
        ? await deliveries.acknowledge(connection, [delivery])
        : await deliveries.settle(connection, [{ delivery, outcome }]);
    return held.size === 1;
  }

  /** What was released in its place is found by who looks from the left end: so it is told. */
  lookFromTheLeft(): void {
    for (const { claimer } of this.workers) claimer.reset();
  }

  /** Declares a worker dead, by number of its row. */
  async declareDead(id: number): Promise<Pick<Rescue, 'released' | 'buried'> | undefined> {
    const rescue = await this.rescuer.act(this.watcher, { kind: 'declare', peer: { ...NOBODY, id } });
    return rescue && { released: rescue.released, buried: rescue.buried };
  }

  /** The worker leaves in order. */
  async leave(number: number): Promise<void> {
    const { id } = this.workers[number]!;
    await this.fixture.rows(`update ${this.fixture.names.worker} set state = 'left' where id = $1`, [id]);
    await this.rescuer.releaseOwn(this.watcher, id);
  }

  /** Workers that were declared dead and go on as if nothing had happened. */
  async deadWorkers(): Promise<readonly RealWorker[]> {
    const { worker } = this.fixture.names;
    const rows = await this.fixture.rows<{ id: number }>(`select id from ${worker} where state = 'dead'`);
    return this.workers.filter(({ id }) => rows.some((row) => row.id === id));
  }

  async newIdentity(worker: RealWorker): Promise<void> {
    const [row] = await this.fixture.rows<{ id: number }>(
      `insert into ${this.fixture.names.worker} (boot, state, mode, host, pid, lease_until)
       values (gen_random_uuid(), 'live', 'lease', 'here', 1, now() - interval '1 hour') returning id`,
    );
    worker.id = row!.id;
    worker.claimer = this.fixture.claimer();
  }

  async retry(key: string): Promise<string> {
    return only(await this.open.retry(this.fixture.database.connection, [toKey(key)]));
  }

  async reschedule(key: string, at: number): Promise<string> {
    const moment = new Date(this.begun + at * HOUR).toISOString();
    return only(await this.open.reschedule(this.fixture.database.connection, [toKey(key)], moment));
  }

  async discard(key: string): Promise<string> {
    return only(await this.open.discard(this.fixture.database.connection, [toKey(key)], 'not wanted'));
  }

  async redrive(id: string): Promise<string> {
    const [row] = await this.letters.redrive(this.fixture.database.connection, [id]);
    return row!.result;
  }

  async settleLetter(id: string): Promise<string> {
    const [row] = await this.letters.discard(this.fixture.database.connection, [id], 'not wanted');
    return row!.result;
  }

  /** Keys of the deliveries that were made. */
  async replay(event: number, receivers: readonly number[]): Promise<readonly string[]> {
    const keys = receivers.map((receiver) => ({ eventId: String(event), receiver }));
    const rows = await this.fixture.database.transaction((connection) => this.replays.replay(connection, keys));
    return rows.filter(({ created }) => created).map((row) => `${row.event_id}.${row.receiver}`);
  }

  async pause(receiver: number, paused: boolean): Promise<void> {
    const { connection } = this.fixture.database;
    if (paused) await this.controls.pause(connection, `r${receiver}`, 'test');
    else await this.controls.resume(connection, `r${receiver}`);
  }

  /** Ends the fan-out to a receiver, or begins it again. */
  async subscribe(receiver: number, subscribed: boolean): Promise<void> {
    if (!subscribed) {
      await this.fixture.database.transaction((connection) => this.registrations.retire(connection, `r${receiver}`));
      return;
    }
    const subscription = { pattern: 'order.paid', version: 1 };
    await this.registrations.register([
      {
        ...{ id: `r${receiver}`, aliases: [], subscriptions: [subscription], sender: null, reach: 'both' },
        retry: { attempts: 1, delay: () => 0, jitter: 0, isFinal: () => false },
        ...{ timeout: null, concurrency: null, transactional: false, invoke: () => Promise.resolve() },
      },
    ]);
  }

  /** Everything there is. */
  async stored(): Promise<StoredState> {
    const { event, delivery, deadLetter, receiver, subscription } = this.fixture.names;
    const [row] = await this.fixture.rows<StoredState>(
      `select
  (select coalesce(json_agg(json_build_object('id', id, 'version', version, 'receivers', receivers) order by id), '[]') from ${event}) as events,
  (select coalesce(json_agg(json_build_object('event', event_id, 'receiver', receiver, 'version', version, 'priority', priority,
     'state', case when due_at is not null and ready_xid is null and worker is null and claimed_at is null then 'delayed'
       when due_at is null and ready_xid is not null and worker is null and claimed_at is null then 'ready'
       when due_at is null and ready_xid is not null and worker is not null and claimed_at is not null then 'running' else 'broken' end,
     'dueAt', round(extract(epoch from due_at - to_timestamp($1::float8 / 1000)) / 3600),
     'worker', worker, 'claims', claims, 'attempts', attempts, 'interruptions', interruptions,
     'failures', coalesce(jsonb_array_length(nullif(failures, 'null')), 0)) order by event_id, receiver), '[]') from ${delivery}) as open,
  (select coalesce(json_agg(json_build_object('id', id::text, 'event', event_id, 'receiver', receiver, 'version', version, 'priority', priority,
     'kind', kind, 'claims', claims, 'attempts', attempts, 'interruptions', interruptions,
     'failures', coalesce(jsonb_array_length(nullif(failures, 'null')), 0)) order by event_id, receiver), '[]') from ${deadLetter}) as letters,
  (select coalesce(json_agg(id order by id), '[]') from ${receiver} where paused_at is not null) as paused,
  (select coalesce(json_agg(receiver order by receiver), '[]') from ${subscription}) as subscribed`,
      [this.begun],
    );
    return row!;
  }
}

const NOBODY: Omit<PeerSighting, 'id'> = {
  ...{ boot: '', state: 'live', mode: 'lease', proof: 0, host: 'here', heldBy: null, silentFor: null },
  ...{ unseenFor: 0, leaseOver: true, backend: 0 },
};

function toDelivery({ event, receiver, claims }: Claim): ClaimedDelivery {
  return {
    eventId: String(event),
    receiver,
    claims,
    version: 1,
    priority: 0,
    readyXid: '0',
    attempts: 0,
    interruptions: 0,
  };
}

function toKey(key: string): { eventId: string; receiver: number } {
  const [eventId = '', receiver] = key.split('.');
  return { eventId, receiver: Number(receiver) };
}

/** What became of the only thing that was to be changed. */
function only(changes: DeliveryChanges): string {
  const [answer] = Object.entries<readonly string[]>({ ...changes }).filter(([, ids]) => ids.length > 0);
  if (answer === undefined) throw new Error('Nothing was said of what was to be changed.');
  return answer[0];
}
